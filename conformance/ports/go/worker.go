package debug

import (
	"fmt"
	"log"
	"log/slog"
	"net/rpc"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
)

// workerVariable is set for workers, so that Start knows what it is in.
const workerVariable = "LAMBDA_DEBUG_WORKER"

// serveEvents makes this process a worker: net/rpc is how Lambda itself called Go at first, and
// lambda.Function does around a handler what has to be done.
func serveEvents(handler any) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // are the client's, which lets the handler end
	if err := rpc.Register(lambda.NewFunction(lambda.NewHandler(handler))); err != nil {
		log.Fatal(err)
	}
	rpc.ServeConn(lifeline{os.Stdin})
}

// lifeline ends the process when the client is gone, in the middle of an event, too.
type lifeline struct{ *os.File }

func (l lifeline) Read(bytes []byte) (int, error) {
	count, err := l.File.Read(bytes)
	if err != nil {
		os.Exit(1)
	}
	return count, nil
}

// worker is another process of this program, which runs the handler: a debugger that stops it stops
// neither the client nor the lease.
type worker struct {
	*exec.Cmd
	client    *rpc.Client // nil if there is no process
	variables []string
}

// run gives an event to the handler and waits for what becomes of it, however long that takes.
func (w *worker) run(event []byte, told object, offset time.Duration) outcome {
	if err := w.start(variables(told)); err != nil {
		return failure("Runtime.InvalidEntrypoint", "The handler's process cannot be started: %v", err)
	}
	end, identity := time.UnixMilli(told.number("deadlineMs")).Add(-offset), told.member("identity")
	var answer outcome
	err := w.client.Call("Function.Invoke", messages.InvokeRequest{
		Payload:               event,
		RequestId:             told.text("awsRequestId"),
		InvokedFunctionArn:    told.text("invokedFunctionArn"),
		Deadline:              messages.InvokeRequest_Timestamp{Seconds: end.Unix(), Nanos: int64(end.Nanosecond())},
		XAmznTraceId:          told.text("traceId"),
		ClientContext:         []byte(told.text("clientContext")),
		CognitoIdentityId:     identity.text("cognitoIdentityId"),
		CognitoIdentityPoolId: identity.text("cognitoIdentityPoolId"),
	}, &answer)
	if err != nil {
		return failure("Runtime.ExitError", "RequestId: %s Error: Runtime exited: %v", told["awsRequestId"], w.stop())
	} else if answer.Error != nil {
		return failed(answer.Error)
	}
	return answer
}

// start makes sure that there is a process with these variables.
func (w *worker) start(variables []string) error {
	if w.client != nil && slices.Equal(w.variables, variables) {
		return nil
	} else if w.client != nil {
		w.stop()
	}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(pair[0])
	ours, theirs := os.NewFile(uintptr(pair[0]), "worker"), os.NewFile(uintptr(pair[1]), "client")
	defer theirs.Close()
	w.Cmd = exec.Command(os.Args[0], os.Args[1:]...)
	w.Env = append(append(os.Environ(), variables...), workerVariable+"=1")
	w.Stdin, w.Stdout, w.Stderr = theirs, os.Stdout, os.Stderr
	if err = w.Start(); err == nil {
		slog.Info("the handler has a process of its own, for a debugger to attach to", "pid", w.Process.Pid)
		w.client, w.variables = rpc.NewClient(ours), variables
	}
	return err
}

// stop ends the process, if it still runs; the next event starts one of the program as it then is.
func (w *worker) stop() *os.ProcessState {
	w.Process.Kill()
	w.Wait()
	w.client.Close()
	w.client = nil
	return w.ProcessState
}

// variables are what lambdacontext reads before main begins.
func variables(told object) []string {
	list := []string{
		"AWS_LAMBDA_FUNCTION_NAME=" + told.text("functionName"),
		"AWS_LAMBDA_FUNCTION_VERSION=" + told.text("functionVersion"),
		"AWS_LAMBDA_LOG_GROUP_NAME=" + told.text("logGroupName"),
		"AWS_LAMBDA_LOG_STREAM_NAME=" + told.text("logStreamName"),
		fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", told.number("memoryLimitInMb")),
	}
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], "\x00", "") // which no variable can hold
	}
	return list
}
