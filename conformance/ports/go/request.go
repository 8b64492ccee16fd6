package debug

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:generate cp ../../../schemas/v1/bundles/request.schema.json .
//go:embed request.schema.json
var schemaText string

var (
	schemas       = readSchemas()
	dedicated     = regexp.MustCompile(`^(-[0-9a-z]{26})?$`)
	surrogatePair = regexp.MustCompile(`(?i)\\ud[89ab]..\\ud[c-f]..`)
	surrogate     = regexp.MustCompile(`(?i)\\ud[89a-f]`)
	never         = time.UnixMilli(1 << 53) // is later than every instant of the protocol
)

func readSchemas() *jsonschema.Compiler {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(schemaText))
	compiler := jsonschema.NewCompiler()
	if err != nil || compiler.AddResource("request", document) != nil {
		panic("the schema is part of the program")
	}
	return compiler
}

// isA tells whether a value meets a definition of the schema.
func isA(definition string, value any) bool {
	return schemas.MustCompile("request#/$defs/"+definition).Validate(value) == nil
}

// object is a JSON object. Requests are not read into structs, whose fields encoding/json finds
// without regard to case: requestid is another member than requestId.
type object map[string]any

func (o object) text(member string) string {
	text, _ := o[member].(string)
	return text
}

func (o object) member(name string) object {
	inner, _ := o[name].(map[string]any)
	return inner
}

// number reads an integer, which can be written as 1.0 or 1e3, too.
func (o object) number(member string) int64 {
	number, _ := o[member].(json.Number)
	float, _ := number.Float64()
	return int64(float)
}

func (o object) instant(member string) time.Time {
	if !isA("epochMs", o[member]) {
		return never
	}
	return time.UnixMilli(o.number(member))
}

// request is a request as it came; bad input has only what could be read of it.
type request struct {
	object
	id, replyURL      string    // the reply queue's own URL; empty if it is not trusted
	answerBy, startBy time.Time // never where there is none
}

func (r *request) isOneWay() bool { return r.object["oneWay"] == true }

// badInput says what is wrong with a message, and where; it never quotes it.
type badInput struct{ pointer, reason string }

func (b badInput) Error() string { return fmt.Sprintf("at %q: %s", b.pointer, b.reason) }

// read gives a request in any case, and a badInput unless it is valid.
func read(body string) (*request, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	top, _ := document.(map[string]any)
	o := object(top)
	r := &request{o, o.text("requestId"), trusted(o.text("replyTo")), o.instant("answerByMs"), o.instant("startByMs")}
	if err != nil || !utf8.ValidString(body) {
		return r, badInput{"", "is no JSON text"}
	} else if err := schemas.MustCompile("request").Validate(document); err != nil {
		faults := err.(*jsonschema.ValidationError).BasicOutput().Errors
		deepest := faults[len(faults)-1]
		return r, badInput{deepest.InstanceLocation, "does not meet the schema's " + deepest.KeywordLocation}
	} else if !r.isOneWay() && r.replyURL == "" {
		return r, badInput{"/replyTo", "names a reply queue that is not trusted"}
	} else if strings.Contains(r.member("payload").text("data"), "\ufffd") && hasLoneSurrogate(body) {
		return r, badInput{"/payload/data", "has half of a surrogate pair"}
	}
	return r, nil
}

// hasLoneSurrogate looks for what encoding/json silently makes U+FFFD of.
func hasLoneSurrogate(text string) bool {
	escapes := strings.ReplaceAll(text, `\\`, "")
	return surrogate.MatchString(surrogatePair.ReplaceAllString(escapes, ""))
}

// trusted is the address of the reply queue that replyTo names, made of one's own configuration;
// empty if it is another's (SEC-1, SEC-2).
func trusted(replyTo string) string {
	rest, hasOurName := strings.CutPrefix(path.Base(replyTo), path.Base(replies))
	isOurAccount := path.Base(path.Dir(replyTo)) == path.Base(path.Dir(requests))
	if !isA("queueUrl", replyTo) || !isOurAccount || !hasOurName || !dedicated.MatchString(rest) {
		return ""
	}
	return replies + rest
}
