package sqldbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"mainstay/internal/platform/sqldb"
)

// server is one PostgreSQL cluster in a temporary directory.
type server struct {
	dsn string
	dir string
	cmd *exec.Cmd
}

func startShared() (*server, error) {
	if dsn := os.Getenv("MAINSTAY_TEST_POSTGRES"); dsn != "" {
		return &server{dsn: dsn}, nil
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mainstay-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	if err := s.start(bin); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
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
	return "", errors.New("no PostgreSQL server is installed (Debian package postgresql)")
}

func (s *server) start(bin string) error {
	attr, err := unprivileged(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "mainstay", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	initdb.Dir, initdb.SysProcAttr = s.dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	for range 5 { // the free port may be taken between finding and using it
		if err = s.listen(bin, data, attr); err == nil {
			return nil
		}
	}
	return err
}

func (s *server) listen(bin, data string, attr *syscall.SysProcAttr) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	var log bytes.Buffer
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1", "-k", "",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=128MB")
	s.cmd.Dir, s.cmd.SysProcAttr, s.cmd.Stderr, s.cmd.Stdout = s.dir, attr, &log, &log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.dsn = fmt.Sprintf("postgres://mainstay@127.0.0.1:%d/postgres?sslmode=disable", port)
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		db, err := sqldb.Open(ctx, sqldb.Config{DSN: s.dsn, Readers: 1})
		if err == nil {
			return db.Close()
		}
		select {
		case <-ended:
			return fmt.Errorf("postgres ended: %s", bytes.TrimSpace(log.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown: the data is thrown away
		for range 200 {
			if s.cmd.Process.Signal(syscall.Signal(0)) != nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// unprivileged returns how to run as somebody else than root, which PostgreSQL
// refuses to run as, and gives dir to them. The server dies with its parent.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{}
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

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
