package debug

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	tooLarge  = "The result of %d bytes fits in no message of %d bytes. Return less or set LAMBDA_PROXY_PAYLOAD_BUCKET."
	notStored = "The payload bucket failed: check its name, its region and the client's permissions."
)

// outcome is what became of an event; its payload is the body of the error if there is one.
type outcome = messages.InvokeResponse

// failed is the outcome with an error, as Lambda's runtime for Go writes it.
func failed(err *messages.InvokeResponse_Error) outcome {
	body, _ := json.Marshal(err) // strings and integers: never fails
	return outcome{Payload: body, Error: err}
}

func failure(errorType, format string, values ...any) outcome {
	return failed(&messages.InvokeResponse_Error{Type: errorType, Message: fmt.Sprintf(format, values...)})
}

// write makes the text of a reply. 1.0 is the lower of both versions, whatever the request's is.
func (r *request) write(kind string, more object) string {
	envelope := object{"version": "1.0", "kind": kind, "requestId": r.id, "answerByMs": r.answerBy.UnixMilli()}
	maps.Copy(envelope, more)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.Encode(envelope) // strings and integers: never fails
	// SQS refuses these two, which encoding/json leaves as they are (ENV-5).
	return strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`, "\n", "").Replace(text.String())
}

func (r *request) response(result outcome, payload object) string {
	if result.Error == nil {
		return r.write("response", object{"payload": payload})
	}
	head := object{"errorType": cut(result.Error.Type), "errorMessage": cut(result.Error.Message), "payload": payload}
	return r.write("response", object{"error": head})
}

// cut leaves at most 1,024 bytes of text, which end with a whole character (ENV-28).
func cut(text string) string { return strings.ToValidUTF8(text[:min(len(text), 1024)], "") }

// respond writes the answer in the simplest form that fits and is taken (PAY-7), or says that none is.
func (s *session) respond(r *request, result outcome, limit int64) string {
	taken, _ := r.object["acceptEncodings"].([]any)
	forms := []string{"text", "gzip+base64", "s3"}
	if !utf8.Valid(result.Payload) {
		forms = []string{"base64", "s3"}
	}
	for _, form := range forms {
		payload := encode(form, result.Payload, r.id)
		text := r.response(result, payload)
		isPossible := slices.Contains(taken, any(form)) && (form != "s3" || bucket != "")
		if int64(len(text)) > limit || len(result.Payload) > largest || !isPossible {
			continue
		}
		if form == "s3" {
			key, content := payload.text("key"), bytes.NewReader(result.Payload)
			put := s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: content}
			if _, err := s.objects.PutObject(context.Background(), &put); err != nil {
				return r.plain(failure("Client.StorageError", notStored))
			}
		}
		return text
	}
	return r.plain(failure("Client.ResultTooLarge", tooLarge, len(result.Payload), min(limit, largest)))
}

// plain is the answer with an error of the client's own, which always fits.
func (r *request) plain(own outcome) string {
	return r.response(own, object{"encoding": "text", "data": string(own.Payload)})
}
