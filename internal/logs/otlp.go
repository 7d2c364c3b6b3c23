package logs

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"mainstay/internal/core"
	"mainstay/internal/platform/unpack"
)

// encoding is how a request is written, and its answer is.
type encoding string

const (
	protobuf encoding = "application/x-protobuf"
	jsonText encoding = "application/json"
)

// decode reads an OTLP/HTTP request into m (OTLP specification, OTLP/HTTP request).
func decode(r *http.Request, limit int64, m proto.Message) (encoding, error) {
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	e := encoding(contentType)
	if e != protobuf && e != jsonText {
		return protobuf, core.Errorf(core.CodeMalformed, "the Content-Type must be application/x-protobuf or application/json")
	}
	content, err := unpack.Body(r, limit)
	if err != nil {
		return e, err
	}
	return e, unmarshal(content, e, m)
}

func unmarshal(content []byte, e encoding, m proto.Message) error {
	var err error
	if e == jsonText {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(content, m)
	} else {
		err = proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(content, m)
	}
	if err != nil {
		return core.Errorf(core.CodeMalformed, "the body is not an OTLP request: %v", err)
	}
	return nil
}

// answer writes an OTLP response in the encoding of the request.
func answer(w http.ResponseWriter, e encoding, m proto.Message) {
	var content []byte
	var err error
	if e == jsonText {
		content, err = protojson.Marshal(m)
	} else {
		content, err = proto.Marshal(m)
	}
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", string(e))
	_, _ = w.Write(content)
}

// identifier writes a trace or span id in hexadecimal. In JSON the ids are
// hexadecimal text where protojson expects base64 (OTLP specification, JSON
// Protobuf Encoding): what it decoded is encoded again to have the text back.
func identifier(id []byte, e encoding) string {
	if len(id) == 0 {
		return ""
	}
	if e == jsonText {
		return base64.StdEncoding.EncodeToString(id)
	}
	return hex.EncodeToString(id)
}

// text writes any value as a text: a string as it is, everything else as JSON.
func text(v *commonpb.AnyValue) string {
	if s, ok := v.GetValue().(*commonpb.AnyValue_StringValue); ok {
		return s.StringValue
	}
	plain := value(v, 0)
	if plain == nil {
		return ""
	}
	out, err := json.Marshal(plain)
	if err != nil {
		return ""
	}
	return string(out)
}

// maxDepth bounds nested values.
const maxDepth = 32

func value(v *commonpb.AnyValue, depth int) any {
	if depth > maxDepth {
		return "..."
	}
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		// JSON has no NaN and no infinity.
		return json.Number(strconv.FormatFloat(v.DoubleValue, 'g', -1, 64))
	case *commonpb.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	case *commonpb.AnyValue_ArrayValue:
		out := make([]any, 0, len(v.ArrayValue.GetValues()))
		for _, e := range v.ArrayValue.GetValues() {
			out = append(out, value(e, depth+1))
		}
		return out
	case *commonpb.AnyValue_KvlistValue:
		out := map[string]any{}
		for _, kv := range v.KvlistValue.GetValues() {
			out[kv.GetKey()] = value(kv.GetValue(), depth+1)
		}
		return out
	}
	return nil
}

// texts writes attributes as texts by name.
func texts(attributes []*commonpb.KeyValue) map[string]string {
	out := make(map[string]string, len(attributes))
	for _, kv := range attributes {
		out[kv.GetKey()] = text(kv.GetValue())
	}
	return out
}
