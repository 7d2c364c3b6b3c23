package metricstore

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore/querycache"
)

const (
	// lookback is how old the newest sample of a series may be to count as its value.
	lookback = 5 * time.Minute
	// maxPoints bounds a range query, as Prometheus' own API does.
	maxPoints = 11_000
)

// Query implements Store.
func (s *local) Query(ctx context.Context, expr string, at time.Time) (Result, error) {
	q, err := s.engine.NewInstantQuery(ctx, s.db, nil, expr, at)
	if err != nil {
		return Result{}, queryError(err)
	}
	return execute(ctx, q)
}

// QueryRange implements Store.
func (s *local) QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (Result, error) {
	if err := checkRange(start, end, step); err != nil {
		return Result{}, err
	}
	q, err := s.engine.NewRangeQuery(ctx, s.db, nil, expr, start, end, step)
	if err != nil {
		return Result{}, queryError(err)
	}
	return execute(ctx, q)
}

func checkRange(start, end time.Time, step time.Duration) error {
	switch {
	case step <= 0:
		return core.Invalid("step", "must be positive")
	case end.Before(start):
		return core.Invalid("end", "must not be before start")
	case end.Sub(start)/step > maxPoints:
		return core.Invalid("step", "is too small: at most 11,000 points a series")
	}
	return nil
}

func execute(ctx context.Context, q promql.Query) (Result, error) {
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return Result{}, queryError(res.Err)
	}
	warnings, _ := res.Warnings.AsStrings("", 10, 0)
	out := Result{Warnings: warnings}
	switch v := res.Value.(type) {
	case promql.Vector:
		out.Series = make([]Series, 0, len(v))
		for _, p := range v {
			if p.H != nil {
				out.Series = append(out.Series, Series{Labels: p.Metric, Histogram: p.H})
				continue
			}
			out.Series = append(out.Series, Series{Labels: p.Metric, Points: []Point{{T: p.T, F: p.F}}})
		}
	case promql.Matrix:
		if _, ours := q.(*rangeQuery); !ours {
			v = querycache.Own(v)
		}
		out.Series = make([]Series, 0, len(v))
		for _, m := range v {
			out.Series = append(out.Series, Series{Labels: m.Metric, Points: m.Floats})
		}
	case promql.Scalar:
		out.Series = []Series{{Points: []Point{{T: v.T, F: v.V}}}}
	case promql.String:
		return Result{}, core.Invalid("query", "gives a string, not series")
	}
	return out, nil
}

// queryError gives an engine's error the code a caller can act on.
func queryError(err error) error {
	var (
		parse    parser.ParseErrors
		timeout  promql.ErrQueryTimeout
		canceled promql.ErrQueryCanceled
		tooMany  promql.ErrTooManySamples
		storage  promql.ErrStorage
	)
	switch {
	case errors.As(err, &parse):
		return core.Invalid("query", parse.Error())
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		return core.Errorf(core.CodeUnavailable, "the query took too long")
	case errors.As(err, &canceled), errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &tooMany):
		return core.Errorf(core.CodeTooLarge, "the query touches too many samples")
	case errors.As(err, &storage):
		return err
	default:
		return core.Invalid("query", err.Error())
	}
}

// CheckExpr says what is wrong with a PromQL expression, as an error for field.
func CheckExpr(field, expr string) error {
	parsed, err := parser.NewParser(parserOptions(false)).ParseExpr(expr)
	if err != nil {
		return core.Invalid(field, err.Error())
	}
	if t := parsed.Type(); t != parser.ValueTypeVector && t != parser.ValueTypeScalar {
		return core.Invalid(field, "must give an instant vector or a scalar, not a "+string(t))
	}
	return nil
}

// AsVector is an expression that gives a vector: a scalar becomes one without labels.
func AsVector(expr string) string {
	parsed, err := parser.NewParser(parserOptions(false)).ParseExpr(expr)
	if err == nil && parsed.Type() == parser.ValueTypeScalar {
		return "vector(" + expr + ")"
	}
	return expr
}
