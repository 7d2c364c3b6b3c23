package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
)

// Prefix begins every environment variable that is configuration.
const Prefix = "MAINSTAY_"

// ReadFile fills into, a pointer to a struct, from YAML text. name stands
// before the line in errors.
func ReadFile(name string, text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return core.Errorf(core.CodeMalformed, "%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var details []core.Detail
	for _, text := range wrong.Errors {
		place, rule, _ := strings.Cut(text, ": ")
		details = append(details, core.Detail{Field: name + ", " + place, Rule: friendly(rule)})
	}
	return &core.Error{Code: core.CodeInvalid, Message: "the configuration file cannot be used", Details: details}
}

// friendly drops the Go type from an unknown field's message.
func friendly(rule string) string {
	if field, _, ok := strings.Cut(rule, " not found in type"); ok {
		return field + " is not known"
	}
	return rule
}

// ReadEnvironment fills into from variables as os.Environ gives them. Names in
// other are not configuration.
func ReadEnvironment(environ []string, other []string, into any) error {
	fields := map[string]reflect.Value{}
	collect(Prefix, reflect.ValueOf(into).Elem(), fields)
	var details []core.Detail
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, Prefix) || slices.Contains(other, name) {
			continue
		}
		field, ok := fields[name]
		if !ok {
			details = append(details, core.Detail{Field: name, Rule: "is not a variable of the configuration"})
			continue
		}
		if err := set(field, value); err != nil {
			details = append(details, core.Detail{Field: name, Rule: err.Error()})
		}
	}
	return core.InvalidAll(details)
}

// collect maps variable names to the leaves of a struct.
func collect(prefix string, v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		key, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if key == "-" || !v.Type().Field(i).IsExported() {
			continue
		}
		field := v.Field(i)
		name := prefix + strings.ToUpper(key)
		if strings.Contains(options, "inline") {
			collect(prefix, field, into)
		} else if field.Kind() == reflect.Struct && !field.Addr().Type().Implements(unmarshaler) {
			collect(name+"_", field, into)
		} else {
			into[name] = field
		}
	}
}

var unmarshaler = reflect.TypeFor[yaml.Unmarshaler]()

// set reads a scalar, or a YAML list or mapping, as the field's type.
func set(field reflect.Value, text string) error {
	if field.Kind() == reflect.String {
		field.SetString(text)
		return nil
	}
	if err := yaml.Unmarshal([]byte(text), field.Addr().Interface()); err != nil {
		return fmt.Errorf("cannot be read as %s", field.Type())
	}
	return nil
}

// Dump writes the configuration as YAML.
func Dump(w io.Writer, from any) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(from); err != nil {
		return err
	}
	return encoder.Close()
}
