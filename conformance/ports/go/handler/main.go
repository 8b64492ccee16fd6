// Command handler is the conformance handler: it does what the event asks for, as PORTING.md lists it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	debug "lambda-debug-go"
)

var folder = os.Getenv("LAMBDA_DEBUG_CONFORMANCE_DIR")

type event struct {
	Do, Nonce, Type, Message, Flag, Text, Seed string
	Value                                      json.RawMessage
	MS                                         int64
	Status, Bytes                              int
}

func main() {
	debug.Start(handle)
}

func handle(ctx context.Context, told event) (any, error) {
	tell(told.Nonce, "began")
	defer tell(told.Nonce, "ended")
	switch told.Do {
	case "echo":
		return told.Value, nil
	case "nonce":
		return map[string]any{"nonce": told.Nonce, "sha256": digest(told.Nonce)}, nil
	case "measure":
		return map[string]any{"codePoints": utf8.RuneCountInString(told.Text), "sha256": digest(told.Text)}, nil
	case "throw":
		return nil, messages.InvokeResponse_Error{Type: told.Type, Message: told.Message}
	case "throw-until":
		if !hasFlag(told.Flag) {
			return nil, messages.InvokeResponse_Error{Type: told.Type, Message: told.Message}
		}
		return told.Value, nil
	case "sleep":
		time.Sleep(time.Duration(told.MS) * time.Millisecond)
		return told.Value, nil
	case "spin":
		for until := time.Now().Add(time.Duration(told.MS) * time.Millisecond); time.Now().Before(until); {
		}
		return told.Value, nil
	case "wait":
		for until := time.Now().Add(120 * time.Second); !hasFlag(told.Flag) && time.Now().Before(until); {
			time.Sleep(10 * time.Millisecond)
		}
		return told.Value, nil
	case "exit":
		os.Exit(told.Status)
	case "kill":
		return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "context":
		return describe(ctx), nil
	case "fill":
		return strings.Repeat("x", told.Bytes-2), nil
	case "noise":
		return noise(told.Seed, told.Bytes-2), nil
	case "unserialisable":
		return make(chan int), nil
	case "log":
		fmt.Println(told.Text)
		fmt.Fprintln(os.Stderr, told.Text)
		return nil, nil
	}
	return nil, fmt.Errorf("the conformance handler cannot %q", told.Do)
}

func tell(nonce, phase string) {
	atMs := time.Now().UnixMilli()
	line, err := json.Marshal(map[string]any{"nonce": nonce, "phase": phase, "pid": os.Getpid(), "atMs": atMs})
	if err != nil {
		panic(err)
	}
	runs, err := os.OpenFile(filepath.Join(folder, "runs.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer runs.Close()
	if _, err := runs.Write(append(line, '\n')); err != nil {
		panic(err)
	}
}

func hasFlag(name string) bool {
	_, err := os.Stat(filepath.Join(folder, "flags", name))
	return err == nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func noise(seed string, length int) string {
	var text strings.Builder
	for number := 0; text.Len() < length; number++ {
		text.WriteString(digest(fmt.Sprintf("%s:%d", seed, number)))
	}
	return text.String()[:length]
}

func describe(ctx context.Context) map[string]any {
	told, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	shown := map[string]any{
		"awsRequestId":       told.AwsRequestID,
		"functionName":       lambdacontext.FunctionName,
		"functionVersion":    lambdacontext.FunctionVersion,
		"invokedFunctionArn": told.InvokedFunctionArn,
		"memoryLimitInMb":    lambdacontext.MemoryLimitInMB,
		"remainingMs":        time.Until(deadline).Milliseconds(),
		"logGroupName":       lambdacontext.LogGroupName,
		"logStreamName":      lambdacontext.LogStreamName,
	}
	shown["traceId"], shown["clientContext"], shown["identity"] = nil, nil, nil
	if trace := os.Getenv("_X_AMZN_TRACE_ID"); trace != "" {
		shown["traceId"] = trace
	}
	if client := told.ClientContext; client.Custom != nil || client.Env != nil {
		shown["clientContext"] = map[string]any{"custom": client.Custom, "env": client.Env}
	}
	if identity := told.Identity; identity.CognitoIdentityID != "" {
		shown["identity"] = map[string]any{
			"cognitoIdentityId": identity.CognitoIdentityID, "cognitoIdentityPoolId": identity.CognitoIdentityPoolID,
		}
	}
	return shown
}
