package logstore

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Field names with a meaning of their own. Item, app and dataset are the stream
// fields: most questions name a machine or a program, there are few of either
// compared with records, and neither changes within a source. The dataset is one
// of them so that a stream is never of two: what the engine shows beside a
// record, because it is of the same stream, is of the same dataset.
const (
	TimeField    = "_time"
	MessageField = "_msg"
	StreamField  = "_stream"
	ItemField    = "item"
	AppField     = "app"
	HostField    = "host"
	LevelField   = "level"
	DatasetField = "dataset"
)

// Default is the dataset of records that name none. They are stored without the
// field.
const Default = "default"

// Bounds of one record. The engine refuses lines above 256 KiB.
const (
	maxMessage = 128 << 10
	maxValue   = 32 << 10
	maxLine    = 240 << 10
)

// Field is one named value of a record.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Record is one log line, span or flow. What is too long is cut, and the
// record then has the field "truncated".
type Record struct {
	Time    time.Time
	Message string
	Item    string // item id, when it is known
	App     string // program, unit or service that wrote it
	Host    string // the name the source gave of its machine
	Level   string // severity as text: "error"
	Dataset string // whose retention and access it has; "" is Default
	Fields  []Field
}

// appendLine adds the record to dst as a JSON line of the engine's format.
func (r Record) appendLine(dst []byte) []byte {
	start, cut := len(dst), false
	add := func(name, value string, limit int) {
		if value == "" || name == "" {
			return
		}
		if len(value) > limit {
			value, cut = clip(value, limit), true
		}
		if len(dst)-start+len(name)+len(value) > maxLine {
			cut = true
			return
		}
		dst = append(dst, ',')
		dst = appendString(dst, name)
		dst = append(dst, ':')
		dst = appendString(dst, value)
	}
	dst = append(dst, `{"_time":"`...)
	dst = r.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, '"')
	message := r.Message
	if message == "" {
		message = "-" // the engine demands a message
	}
	add(MessageField, message, maxMessage)
	add(ItemField, r.Item, 256)
	add(AppField, r.App, 256)
	add(HostField, r.Host, 256)
	add(LevelField, r.Level, 64)
	if r.Dataset != Default {
		add(DatasetField, r.Dataset, 64)
	}
	for _, f := range r.Fields {
		if reserved(f.Name) {
			f.Name = "field." + f.Name
		}
		add(clip(f.Name, 128), f.Value, maxValue)
	}
	if cut {
		dst = append(dst, `,"truncated":"true"`...)
	}
	return append(dst, '}', '\n')
}

func reserved(name string) bool {
	switch name {
	case TimeField, MessageField, StreamField, "_stream_id", ItemField, AppField, HostField, LevelField, DatasetField:
		return true
	}
	return false
}

// clip shortens s to at most n bytes without breaking a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// appendString writes s as a JSON string. Plain text takes the short way;
// what needs escapes, or is not UTF-8, goes through encoding/json.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			escaped, err := json.Marshal(s)
			if err != nil {
				return append(dst, `""`...)
			}
			return append(dst, escaped...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
