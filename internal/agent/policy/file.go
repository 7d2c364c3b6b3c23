package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

// maxFile bounds the policy file.
const maxFile = 1 << 20

// Initial is the file an agent writes where there is none: checks, logs where
// the system keeps them, no commands.
const Initial = `# What Mainstay's server may let this host's agent do. Nothing else is allowed.
# The agent reads this file again when it changes.

# Kinds of check: icmp, tcp, http, dns, process, service, command, or "*".
checks: ["*"]

# Programs that checks of kind "command" may run.
plugins:
  - /usr/lib/nagios/plugins/*
  - /usr/lib/monitoring-plugins/*
  - /usr/lib64/nagios/plugins/*

# Log files that may be followed, symbolic links resolved. /** is everything below.
logs:
  - /var/log/**

# Whether systemd's journal may be followed.
journal: true

# Commands of runbooks. None is allowed until it is listed here, for example:
#
# commands:
#   - runbooks: [restart-postgresql]
#     users: [postgres]
#     paths: [/usr/bin/pg_ctlcluster]
#   - runbooks: ["tidy-*"]
#     scripts: true
commands: []
`

// File is the policy file, read again when it changes. It is safe for
// concurrent use.
type File struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	changed time.Time
	size    int64
	policy  Policy
	problem error
}

// Open watches the file at path, writing Initial where there is none.
func Open(path string, log *slog.Logger) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(Initial)
		err = errors.Join(err, file.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("write the initial policy: %w", err)
	}
	return &File{path: path, log: log}, nil
}

// Current returns the policy of now. On error the policy allows nothing.
func (f *File) Current() (Policy, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		f.settle(Policy{}, err)
		f.changed = time.Time{}
		return f.policy, f.problem
	}
	if info.ModTime().Equal(f.changed) && info.Size() == f.size && f.problem == nil {
		return f.policy, nil
	}
	policy, err := read(f.path)
	f.changed, f.size = info.ModTime(), info.Size()
	f.settle(policy, err)
	return f.policy, f.problem
}

// settle takes a policy over, or none when there is a problem.
func (f *File) settle(policy Policy, err error) {
	if err != nil {
		policy, err = Policy{}, fmt.Errorf("policy file %s: %w", f.path, err)
		if f.problem == nil || f.problem.Error() != err.Error() {
			f.log.Error("the policy file cannot be used, so everything is refused", "error", err)
		}
	}
	f.policy, f.problem = policy, err
}

func read(path string) (Policy, error) {
	file, err := os.Open(path)
	if err != nil {
		return Policy{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Policy{}, err
	}
	if err := trusted(info); err != nil {
		return Policy{}, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return Policy{}, err
	}
	if len(data) > maxFile {
		return Policy{}, errors.New("larger than 1 MiB")
	}
	return Parse(data)
}

// Summary is what the server is told: the policy, or what is wrong with it.
func (f *File) Summary() protocol.PolicySummary {
	policy, err := f.Current()
	s := policy.Summary()
	if err != nil {
		s.Problem = err.Error()
	}
	return s
}
