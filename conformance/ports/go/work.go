package debug

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const (
	pause      = 500 * time.Millisecond // before a call that failed is made again
	holdMargin = 2 * time.Second        // before answerBy the last error of a held event is sent
	skipS      = 5                      // for how long a request is hidden that somebody else may be running
)

var (
	errCallerGone = errors.New("the reply queue is gone, and its caller with it")
	errTooLate    = errors.New("nobody waits for the answer any more")
	errWindowOver = errors.New("its start window is over")
	errTooLong    = errors.New("the queue does not take so long a message")
)

// last is what is done with a message in the end, if it is surely held still; nil leaves it alone.
type last func() error

// work is one request in work.
type work struct {
	*session
	*request
	message types.Message
	until   time.Time // at which the lease ends
	stop    func()    // ends its renewal
}

// serve does with a message whatever there is to do.
func (s *session) serve(message types.Message) {
	r, err := read(*message.Body)
	w := &work{session: s, request: r, message: message}
	w.keep()
	finish := w.handle(err)
	w.stop()
	if finish != nil && w.isHeld() {
		if err := finish(); err != nil {
			slog.Warn("a message could not be deleted or given back; it comes again", "error", err)
		}
	}
	s.busy.Wait()
}

func (w *work) handle(bad error) last {
	switch {
	case w.ending.Err() != nil:
		return w.release(0)
	case bad != nil:
		return w.refuse(bad)
	case w.isOver[w.id]:
		return w.delete
	case w.clock.left(w.answerBy) <= 0:
		return w.settle(errTooLate)
	}
	event, err := w.decode(w.request)
	switch {
	case errors.As(err, &badInput{}):
		return w.refuse(err)
	case err != nil && w.isOneWay():
		slog.Error("the event cannot be fetched from the bucket; it comes again", "error", err)
		return nil
	case err != nil:
		slog.Error("the event cannot be fetched from the bucket", "error", err)
		return w.answer(failure("Client.StorageError", notStored), w.number("maxReplyBytes"))
	}
	if err := w.accept(); err != nil {
		return w.skip(err)
	}
	return w.run(event)
}

// settle records what became of the request, whose message is to be deleted then.
func (w *work) settle(err error) last {
	slog.Info("done", "request_id", w.id, "not_answered_because", err)
	w.isOver[w.id] = true
	return w.delete
}

// refuse deals with bad input: it is told to whoever waits, kept on disk, and deleted, or left to SQS.
func (w *work) refuse(why error) last {
	slog.Warn("a bad message", "error", why, "kept_in", stateFolder)
	_, isKnown := w.isOver[w.id] // it is answered otherwise
	if !isKnown && !w.isOneWay() && w.replyURL != "" && !w.answerBy.Equal(never) && isA("identifier", w.id) {
		w.post(w.plain(failure("Client.BadRequest", "The request is bad: %v. Use a proxy of protocol version 1.", why)))
	}
	told, err := w.queues.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &requests, AttributeNames: []types.QueueAttributeName{"RedrivePolicy"},
	})
	if err == nil && told.Attributes["RedrivePolicy"] != "" {
		return nil
	}
	body := *w.message.Body
	path, text := filepath.Join(stateFolder, digest([]byte(body))), why.Error()+"\n\n"+body
	if err := errors.Join(os.MkdirAll(stateFolder, 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		slog.Error("a bad message cannot be kept on disk, and so stays in the queue", "error", err)
		return nil
	}
	return w.delete
}

// accept accepts a request that has a start window, and says why it must not start: SQS did not store
// that in time (SES-20 to SES-22).
func (w *work) accept() error {
	if w.startBy.Equal(never) {
		return nil
	} else if _, isKnown := w.isOver[w.id]; isKnown || w.clock.left(w.startBy) < 0 {
		return errWindowOver
	}
	words := object{"client": object{"instanceId": w.instance, "name": "lambda-debug-go", "language": "Go"}}
	stored, err := w.send(w.write("accepted", words))
	if errors.Is(err, errCallerGone) || err == nil && !stored.IsZero() && !stored.Add(time.Second).After(w.startBy) {
		return err
	}
	w.isOver[w.id], words["reason"] = false, "late"
	w.post(w.write("declined", words))
	return errWindowOver
}

// skip leaves a request that must not start to whoever had it before, if its caller is there (SES-23).
func (w *work) skip(err error) last {
	if errors.Is(err, errCallerGone) || w.message.Attributes["ApproximateReceiveCount"] == "1" {
		return w.settle(err)
	}
	slog.Info("skipped: its start window is over, and somebody else may be running it", "request_id", w.id)
	return w.release(skipS)
}

// run has the handler run the event until there is something to answer, or nobody to answer to.
func (w *work) run(event []byte) last {
	for {
		outcomes := make(chan outcome, 1)
		w.busy.Go(func() { outcomes <- w.worker.run(event, w.member("context"), w.clock.offset()) })
		var result outcome
		select {
		case result = <-outcomes:
		case <-time.After(w.clock.left(w.answerBy)):
			return w.settle(fmt.Errorf("%w; the handler goes on, and its result is not sent", errTooLate)) // SES-9
		}
		if result.Error == nil || !*holds {
			return w.answer(result, w.number("maxReplyBytes"))
		}
		slog.Warn("the handler failed; the event is held: press Enter to run it again", "request_id", w.id)
		select {
		case <-w.enter:
			w.worker.stop()
		case <-time.After(w.clock.left(w.answerBy) - holdMargin):
			return w.answer(result, w.number("maxReplyBytes"))
		case <-w.ending.Done():
			return w.release(0)
		}
	}
}

// answer sends the outcome, in a message of at most so many bytes, and settles the request.
func (w *work) answer(result outcome, limit int64) last {
	if w.isOneWay() {
		return w.settle(nil)
	}
	text := w.respond(w.request, result, limit)
	err := w.post(text)
	if errors.Is(err, errTooLong) && len(text) > 1024 {
		return w.answer(result, int64(len(text))-1)
	}
	return w.settle(err)
}

// post sends a reply again, byte for byte, until SQS takes it or will never, or nobody waits any more.
func (w *work) post(text string) error {
	for w.clock.left(w.answerBy) > 0 {
		_, err := w.send(text)
		if err == nil || errors.Is(err, errCallerGone) || errors.Is(err, errTooLong) {
			return err
		}
		slog.Warn("a reply was not sent; trying again", "error", err)
		time.Sleep(min(pause, w.clock.left(w.answerBy)))
	}
	return errTooLate
}

// send sends a reply once. It tells when SQS stored it: the Date of its answer, if it has one.
func (w *work) send(text string) (stored time.Time, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.clock.left(w.answerBy))
	defer cancel()
	sent, err := w.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &w.replyURL, MessageBody: &text})
	var refused smithy.APIError
	if errors.As(err, new(*types.QueueDoesNotExist)) {
		err = errCallerGone
	} else if errors.As(err, &refused) && refused.ErrorCode() == "InvalidParameterValue" {
		err = errTooLong
	} else if err == nil {
		stored, _ = awsmiddleware.GetServerTime(sent.ResultMetadata)
	}
	return stored, err
}
