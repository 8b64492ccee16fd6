package debug

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyrand "github.com/aws/smithy-go/rand"
)

// largest is Lambda's limit for an event and for a result, in bytes.
const largest = 6_291_556

var (
	uuid       = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	errDamaged = badInput{"/payload/data", "does not decode to at most 6291556 bytes"}
)

// decode gives the bytes of a request's payload; those behind a claim check are fetched.
func (s *session) decode(r *request) ([]byte, error) {
	payload := r.member("payload")
	if payload["encoding"] == "s3" {
		return s.fetch(payload, r.id)
	}
	var content io.Reader = strings.NewReader(payload.text("data"))
	if payload["encoding"] != "text" {
		content = base64.NewDecoder(base64.StdEncoding, content)
	}
	if payload["encoding"] == "gzip+base64" {
		unzipped, err := gzip.NewReader(content)
		if err != nil {
			return nil, errDamaged
		}
		content = unzipped
	}
	decoded, err := io.ReadAll(io.LimitReader(content, largest+1))
	if err != nil || len(decoded) > largest {
		return nil, errDamaged
	}
	return decoded, nil
}

// fetch follows a claim check only if it is of one's own bucket and request (PAY-14, PAY-15).
func (s *session) fetch(claim object, id string) ([]byte, error) {
	key, size := claim.text("key"), claim.number("sizeBytes")
	last := path.Base(key)
	if claim["bucket"] != bucket || key != path.Join(folder, "request", id, last) || !uuid.MatchString(last) {
		return nil, badInput{"/payload", "is no claim check of the configured bucket for this request"}
	}
	stored, err := s.objects.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer stored.Body.Close()
	body, err := io.ReadAll(io.LimitReader(stored.Body, size+1))
	if err == nil && (int64(len(body)) != size || digest(body) != claim["sha256"]) {
		return nil, badInput{"/payload", "is the claim check of another object than is stored"}
	}
	return body, err
}

// encode writes a payload down. Behind a claim check it has to be stored before that is sent.
func encode(encoding string, body []byte, id string) object {
	switch encoding {
	case "text":
		return object{"encoding": encoding, "data": string(body)}
	case "s3":
		last, _ := smithyrand.NewUUID(rand.Reader).GetUUID() // this reader never fails
		key, sum := path.Join(folder, "response", id, last), digest(body)
		return object{"encoding": encoding, "bucket": bucket, "key": key, "sizeBytes": len(body), "sha256": sum}
	case "gzip+base64":
		var packed bytes.Buffer // takes everything, so nothing fails
		writer := gzip.NewWriter(&packed)
		writer.Write(body)
		writer.Close()
		body = packed.Bytes()
	}
	return object{"encoding": encoding, "data": base64.StdEncoding.EncodeToString(body)}
}

func digest(body []byte) string { return fmt.Sprintf("%x", sha256.Sum256(body)) }
