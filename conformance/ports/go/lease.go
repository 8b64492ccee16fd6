package debug

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// keep renews the lease of the message just received, every quarter of it, until w.stop is called
// (SES-7 to SES-11). The handler runs in another process, and cannot keep this goroutine from running.
func (w *work) keep() {
	var renewals sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = func() { cancel(); renewals.Wait() }
	w.until = time.Now().Round(0).Add(lease)
	renewals.Go(func() {
		for ticks := time.Tick(lease / 4); ; {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
				if !w.isHeld() {
					return
				}
				w.renew(ctx)
			}
		}
	})
}

// renew makes the lease as long again as it was, but not longer than somebody waits for the answer.
func (w *work) renew(ctx context.Context) {
	began, length := time.Now().Round(0), min(lease, w.clock.left(w.answerBy))
	if seconds := math.Ceil(length.Seconds()); seconds > 0 {
		limited, cancel := context.WithTimeout(ctx, lease/2)
		defer cancel()
		if err := w.hide(limited, int32(seconds)); err != nil {
			slog.Warn("a lease was not renewed", "error", err)
			return
		}
		w.until = began.Add(time.Duration(seconds) * time.Second)
	}
}

// isHeld tells whether the message is surely held still. Its clock counts suspended time.
func (w *work) isHeld() bool {
	isHeld := time.Now().Round(0).Before(w.until)
	if !isHeld {
		slog.Warn("the lease lapsed: somebody else may have the event now; an answer in time is sent all the same")
	}
	return isHeld
}

// hide makes the message invisible for so long from now on.
func (w *work) hide(ctx context.Context, seconds int32) error {
	_, err := w.queues.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &requests, ReceiptHandle: w.message.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

// release gives the message back, hidden for so many seconds.
func (w *work) release(seconds int32) last {
	return func() error { return w.hide(context.Background(), seconds) }
}

func (w *work) delete() error {
	input := sqs.DeleteMessageInput{QueueUrl: &requests, ReceiptHandle: w.message.ReceiptHandle}
	_, err := w.queues.DeleteMessage(context.Background(), &input)
	return err
}
