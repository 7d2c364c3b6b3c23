package logstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Erasure names records that go for good.
type Erasure struct {
	Filter   string    `json:"filter"`   // LogsQL without pipes; empty: all
	Datasets []string  `json:"datasets"` // only records of these; nil: of all
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"` // inclusive
}

// Erased is what an Erase did.
type Erased struct {
	Records int64 `json:"records"` // that are gone
	Kept    int64 `json:"kept"`    // that were written again, beside them
	Days    int   `json:"days"`    // that were written again
}

// Erase removes the records from the engine's files. The engine is stopped
// while it happens: questions fail with core.CodeUnavailable meanwhile, and what
// is written waits in the spool. It costs about as much as writing all records
// of the days that are touched. Records that are still in the spool are not
// touched: who erases what was written just now looks again afterwards.
//
// An external engine is asked to delete by its own means (/delete/run_task, of
// VictoriaLogs' newer versions), which it does in the background.
func (s *Store) Erase(ctx context.Context, erasures []Erasure) (Erased, error) {
	if len(erasures) == 0 {
		return Erased{}, nil
	}
	if s.supervisor == nil {
		return Erased{}, s.eraseRemote(ctx, erasures)
	}
	if !s.wantedYet() {
		return Erased{}, nil // never used: there is nothing
	}
	text, err := json.Marshal(erasures)
	if err != nil {
		return Erased{}, err
	}
	order := filepath.Join(s.cfg.Dir, "erase.json")
	if err := os.WriteFile(order, text, 0o600); err != nil {
		return Erased{}, err
	}
	defer os.Remove(order)
	// A connection that was opened and never used holds up the engine's end.
	s.client.http.CloseIdleConnections()
	var result Erased
	err = s.supervisor.Pause(ctx, func() error {
		child := s.cfg.Child()
		child.Erase = order
		var out, said bytes.Buffer
		args := append(append([]string{}, s.deps.Command[1:]...), child.Args()...)
		cmd := exec.CommandContext(ctx, s.deps.Command[0], args...)
		cmd.Stdout, cmd.Stderr = &out, &said
		began := s.deps.Clock.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("log store cannot erase: %w: %s", err, clip(lastLine(said.String()), 500))
		}
		s.deps.Log.Info("log store has erased records", "dataset", s.cfg.Dataset, "took", s.deps.Clock.Now().Sub(began))
		return json.Unmarshal(out.Bytes(), &result)
	})
	return result, err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// eraseRemote has an external engine delete.
func (s *Store) eraseRemote(ctx context.Context, erasures []Erasure) error {
	for _, e := range erasures {
		if err := s.Check(ctx, e.Filter); err != nil {
			return err
		}
		filter := e.Filter
		if filter == "" {
			filter = "*"
		}
		args := Query{Expr: filter}.args()
		// The filter stands alone, as Check has seen: what is not balanced was refused.
		text := "(" + filter + ") _time:[" + e.Start.UTC().Format(time.RFC3339Nano) + "," + e.End.UTC().Format(time.RFC3339Nano) + "]"
		if e.Datasets != nil {
			var names []string
			for _, name := range e.Datasets {
				if name == Default {
					name = ""
				}
				quoted, _ := json.Marshal(name)
				names = append(names, string(quoted))
			}
			text += " " + DatasetField + ":in(" + strings.Join(names, ",") + ")"
		}
		args.Del("query")
		args.Set("filter", text)
		resp, err := s.client.do(ctx, "POST", "/delete/run_task", args, nil, nil)
		if err != nil {
			var e *core.Error
			absent := errors.As(err, &e) && e.Code == core.CodeUnavailable && e.Cause != nil && strings.Contains(e.Cause.Error(), "404")
			if absent || strings.Contains(err.Error(), "-delete.enable") {
				return core.Errorf(core.CodeConflict, "the external log store cannot delete: it needs a version with /delete/run_task, started with -delete.enable")
			}
			return err
		}
		resp.Body.Close()
	}
	return nil
}

// Check says what is wrong with a filter, as the engine reads it: it asks for
// nothing but whether there is an answer.
func (s *Store) Check(ctx context.Context, filter string) error {
	if strings.TrimSpace(filter) == "" {
		return nil
	}
	now := s.deps.Clock.Now()
	// As an extra filter, the engine takes a filter and nothing else.
	args := Query{Expr: "*", Start: now.Add(-time.Millisecond), End: now, Limit: 1}.args()
	args.Set("extra_filters", filter)
	resp, err := s.post(ctx, "/select/logsql/query", args)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
