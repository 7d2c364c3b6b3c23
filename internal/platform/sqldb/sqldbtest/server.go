package sqldbtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/sqldb"
)

// Server is one PostgreSQL cluster in a directory, run as an unprivileged user.
// It ends with the process that started it.
type Server struct {
	dir  string
	bin  string
	attr *syscall.SysProcAttr
	port int
	log  *bytes.Buffer
	cmd  *exec.Cmd
	gone chan struct{}
}

// NewServer makes a cluster in dir, which must be empty, and starts it on a
// free port. The error names the package that is missing.
func NewServer(dir string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin}
	if s.attr, err = unprivileged(dir); err != nil {
		return nil, err
	}
	if err := s.initdb(); err != nil {
		return nil, err
	}
	for range 5 { // the free port may be taken between finding and using it
		if s.port, err = coretest.FreePort(); err != nil {
			return nil, err
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// initdb makes the cluster: as a copy of one that was made before on this
// machine, which takes a tenth of the time.
func (s *Server) initdb() error {
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("mainstay-initdb-%d-%x", os.Geteuid(), sha256.Sum256([]byte(s.bin)))[:48])
	if s.command("cp", "-a", kept, s.data()) == nil {
		return nil
	}
	os.RemoveAll(s.data())
	if err := s.command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "mainstay", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return err
	}
	// Only a whole copy gets the name, and the first one keeps it.
	copied := kept + "-" + strconv.Itoa(os.Getpid())
	if s.command("cp", "-a", s.data(), copied) != nil || os.Rename(copied, kept) != nil {
		os.RemoveAll(copied)
	}
	return nil
}

// command runs a program as the one the server runs as.
func (s *Server) command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, s.attr
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, bytes.TrimSpace(out))
	}
	return nil
}

// DSN is the connection string of its superuser; it stays the same over a restart.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://mainstay@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

// Port is where it listens on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// PID is that of its postmaster, 0 when it is stopped.
func (s *Server) PID() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Start starts it again after Stop, on the same port, and returns when it answers.
func (s *Server) Start() error {
	s.log = &bytes.Buffer{}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port), "-h", "127.0.0.1", "-k", "",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=128MB")
	cmd.Dir, cmd.SysProcAttr, cmd.Stderr, cmd.Stdout = s.dir, s.attr, s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.gone = cmd, make(chan struct{})
	go func() { cmd.Wait(); close(s.gone) }()
	if err := s.answers(); err != nil {
		s.Stop()
		return err
	}
	return nil
}

func (s *Server) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		db, err := sqldb.Open(ctx, sqldb.Config{DSN: s.DSN(), Readers: 1})
		if err == nil {
			return db.Close()
		}
		select {
		case <-s.gone:
			return fmt.Errorf("postgres ended: %s", bytes.TrimSpace(s.log.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop disconnects everybody and ends it; the data stays.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown
	select {
	case <-s.gone:
	case <-time.After(10 * time.Second):
		s.cmd.Process.Kill()
		<-s.gone
	}
	s.cmd = nil
}

// binaries finds the newest installed server.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("this test needs the Debian package postgresql: scripts/test-deps installs it")
}

// unprivileged returns how to run as somebody else than root, which PostgreSQL
// refuses to run as, and gives dir to them.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, uid, gid)
}
