// What every handler of these tests does, in Go.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// OutOfStockError is an error whose type a caller has to see.
type OutOfStockError struct{ message string }

func (e OutOfStockError) Error() string { return e.message }

type order struct {
	Do      string `json:"do"`
	Message string `json:"message"`
}

// handler takes and gives bytes: encoding/json would write an echo in its own way.
type handler struct{}

func (handler) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	var order order
	if err := json.Unmarshal(event, &order); err != nil {
		return nil, err
	}
	switch order.Do {
	case "echo":
		return event, nil
	case "context":
		return json.Marshal(about(ctx))
	case "fail":
		return nil, OutOfStockError{order.Message}
	case "panic":
		panic(OutOfStockError{order.Message})
	}
	os.Exit(3)
	return nil, nil
}

// about is all that the runtime tells a handler.
func about(ctx context.Context) map[string]any {
	told, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return map[string]any{
		"requestId":          told.AwsRequestID,
		"functionName":       lambdacontext.FunctionName,
		"functionVersion":    lambdacontext.FunctionVersion,
		"invokedFunctionArn": told.InvokedFunctionArn,
		"memoryLimitInMb":    lambdacontext.MemoryLimitInMB,
		"logGroupName":       lambdacontext.LogGroupName,
		"logStreamName":      lambdacontext.LogStreamName,
		"remainingMs":        time.Until(deadline).Milliseconds(),
		"pid":                os.Getpid(),
		"traceId":            ctx.Value("x-amzn-trace-id"),
		"tenantId":           told.TenantID,
		"appTitle":           told.ClientContext.Client.AppTitle,
		"custom":             told.ClientContext.Custom,
		"identityId":         told.Identity.CognitoIdentityID,
	}
}

func main() {
	if len(os.Args) > 1 {
		panic("not today")
	}
	lambda.Start(handler{})
}
