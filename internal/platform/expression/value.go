package expression

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// plain makes JSON's values of CEL's.
func plain(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case *types.Optional:
		if !v.HasValue() {
			return nil, nil
		}
		return plain(v.GetValue())
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			name, ok := key.Value().(string)
			if !ok {
				return nil, fmt.Errorf("gives an object whose key is a %s, not a text", key.Type())
			}
			value, err := plain(v.Get(key))
			if err != nil {
				return nil, err
			}
			out[name] = value
		}
		return out, nil
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			value, err := plain(it.Next())
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		return out, nil
	}
	switch value := v.Value().(type) {
	case string, bool, int64, uint64, float64, nil:
		return value, nil
	case time.Time:
		return value.UTC().Format(time.RFC3339Nano), nil
	case time.Duration:
		return value.String(), nil
	}
	return nil, fmt.Errorf("gives a %s, not a text, number, true or false, list or object", v.Type())
}
