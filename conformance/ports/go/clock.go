package debug

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// clock is AWS's, as the Date of its answers tells it (SQS-13). It is the SDK's HTTP client, so that
// it sees every answer, refusals too.
type clock struct {
	aws.HTTPClient
	mutex   sync.Mutex
	offsets []time.Duration // of the last five calls that were quick enough
}

// Do sends one HTTP request.
func (c *clock) Do(request *http.Request) (*http.Response, error) {
	began := time.Now()
	response, err := c.HTTPClient.Do(request)
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil && took < 2*time.Second {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.offsets = append(c.offsets[max(0, len(c.offsets)-4):], date.Add(time.Second/2).Sub(began.Add(took/2)))
	}
	return response, nil
}

// offset is by how much this machine's clock is behind: 0 up to 2 s, for Date has whole seconds.
func (c *clock) offset() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sorted := slices.Sorted(slices.Values(c.offsets))
	if middle := (len(sorted) - 1) / 2; len(sorted) > 0 && sorted[middle].Abs() > 2*time.Second {
		return sorted[middle]
	}
	return 0
}

// left is the time until an instant of AWS's. It has no monotonic part: that stands still while the
// machine sleeps, and deadlines do not.
func (c *clock) left(until time.Time) time.Duration {
	return until.Sub(time.Now().Round(0).Add(c.offset()))
}
