package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"mainstay/internal/core"
)

// decodeStrict reads one JSON value into v and refuses fields v does not have.
func decodeStrict(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return core.Errorf(core.CodeMalformed, "more than one value")
	}
	var invalid *core.Error
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &kind):
		return core.Invalid(kind.Field, "must be a "+kind.Type.String()+", not a "+kind.Value)
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return core.Invalid(strings.Trim(name, `"`), "is not a field of this document")
	}
	return &core.Error{Code: core.CodeMalformed, Message: "not JSON: " + err.Error()}
}
