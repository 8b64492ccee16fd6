// Package debug runs a Lambda function on this machine: it takes its events from SQS and answers them.
package debug

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// What the developer configured.
var (
	requests          = os.Getenv("LAMBDA_PROXY_REQ_QUEUE_URL")
	replies           = os.Getenv("LAMBDA_PROXY_RESP_QUEUE_URL")
	leaseS, errLease  = strconv.Atoi(cmp.Or(os.Getenv("LAMBDA_PROXY_LEASE_S"), "20"))
	lease             = time.Duration(leaseS) * time.Second
	bucket, folder, _ = strings.Cut(os.Getenv("LAMBDA_PROXY_PAYLOAD_BUCKET"), "/")
	stateFolder       = cmp.Or(os.Getenv("LAMBDA_DEBUG_STATE_DIR"), os.ExpandEnv("$HOME/.local/state/lambda-debug-go"))
	holds             = flag.Bool("hold-errors", false, "hold an event whose handler fails; Enter runs it again")
)

// session is the life of a client. One request is in work at a time, from its receive to its end;
// nothing else is received meanwhile, so that copies of it come when it is known how it ended.
type session struct {
	worker   worker
	busy     sync.WaitGroup // while the handler runs, be it for nobody any more
	queues   *sqs.Client
	objects  *s3.Client
	clock    *clock
	ending   context.Context // done at the first signal
	enter    chan struct{}   // the developer wants the held event to run again
	instance string          // new for every start
	isOver   map[string]bool // by request ID: false if it is only not to be accepted again
}

// Start takes the place of lambda.Start in a function's main, and takes the same handlers. It returns
// after the first signal (SIGINT, SIGTERM), once the running event is answered.
func Start(handler any) {
	flag.Parse()
	if os.Getenv(workerVariable) != "" {
		serveEvents(handler) // for ever
	} else if errLease != nil || leaseS < 1 || requests == "" {
		log.Fatal("set LAMBDA_PROXY_REQ_QUEUE_URL to a queue's URL, and LAMBDA_PROXY_LEASE_S to 1 or more seconds")
	}
	client := awshttp.NewBuildableClient().WithTimeout(30 * time.Second) // beyond a long poll
	settings, err := config.LoadDefaultConfig(context.Background(),
		config.WithHTTPClient(client), config.WithRetryMaxAttempts(1)) // what is repeated is for us to say
	if err != nil {
		log.Fatal(err)
	}
	clock := &clock{HTTPClient: settings.HTTPClient} // once it has what AWS_CA_BUNDLE demands
	settings.HTTPClient = clock
	ending, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ending, func() {
		stop() // the second signal ends the process, as by default, and its worker with it
		slog.Info("ending once the running event is answered; another signal ends at once")
	})
	s := &session{
		queues: sqs.NewFromConfig(settings), objects: s3.NewFromConfig(settings), clock: clock, ending: ending,
		enter: make(chan struct{}), instance: rand.Text(), isOver: map[string]bool{},
	}
	go s.listen()
	s.run()
}

// listen waits for Enter, which counts only while an event is held.
func (s *session) listen() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		select {
		case s.enter <- struct{}{}:
		default:
		}
	}
}

// run receives and serves requests until the first signal.
func (s *session) run() {
	for s.ending.Err() == nil {
		received, err := s.queues.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: &requests, WaitTimeSeconds: 20, VisibilityTimeout: int32(leaseS),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount", "SentTimestamp"},
		})
		if err != nil {
			slog.Warn("nothing can be received; trying again", "error", err, "clock_is_slow_by", s.clock.offset())
			time.Sleep(pause)
			continue
		}
		for _, message := range received.Messages {
			s.serve(message)
		}
	}
}
