package logstore

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"mainstay/internal/core"
)

// ChildConfig is what the engine's process is told.
type ChildConfig struct {
	Dataset   string
	Dir       string
	Socket    string
	Listen    string // instead of Socket: a loopback address, for other stores
	Retention time.Duration
	MaxDisk   int64
	MinFree   int64
	Memory    int64
	Erase     string // a file that says what to erase, instead of serving
}

// Child derives the process's configuration from the dataset's.
func (c Configuration) Child() ChildConfig {
	return ChildConfig{
		Dataset: c.Dataset, Dir: filepath.Join(c.Dir, "data"), Socket: socketPath(c.Dir),
		Retention: c.Retention, MaxDisk: c.MaxDisk, MinFree: c.MinFree, Memory: c.Memory,
	}
}

// socketPath stays below the 104 bytes that a unix socket's address may have
// (sun_path on macOS; 108 on Linux).
func socketPath(dir string) string {
	path := filepath.Join(dir, "engine.sock")
	if len(path) < 100 {
		return path
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "mainstay-"+hex.EncodeToString(sum[:8])+".sock")
}

// Args is the command line that ParseChildArgs reads back.
func (c ChildConfig) Args() []string {
	args := []string{
		"--dataset", c.Dataset, "--dir", c.Dir, "--socket", c.Socket, "--retention", c.Retention.String(),
		"--max-disk", strconv.FormatInt(c.MaxDisk, 10), "--min-free", strconv.FormatInt(c.MinFree, 10),
		"--memory", strconv.FormatInt(c.Memory, 10),
	}
	if c.Erase != "" {
		args = append(args, "--erase", c.Erase)
	}
	return args
}

// ParseChildArgs reads the arguments of `mainstay logstore`.
func ParseChildArgs(args []string) (ChildConfig, error) {
	var c ChildConfig
	set := flag.NewFlagSet("logstore", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&c.Dataset, "dataset", "logs", "name of the dataset")
	set.StringVar(&c.Dir, "dir", "", "directory of the data")
	set.StringVar(&c.Socket, "socket", "", "unix socket to listen on")
	set.StringVar(&c.Listen, "listen", "", "loopback address to listen on instead")
	set.DurationVar(&c.Retention, "retention", 30*24*time.Hour, "age at which records are removed")
	set.Int64Var(&c.MaxDisk, "max-disk", 0, "bytes after which the oldest day is removed; 0 is no bound")
	set.Int64Var(&c.MinFree, "min-free", 256<<20, "bytes of free disk below which nothing is accepted")
	set.Int64Var(&c.Memory, "memory", 256<<20, "bytes of memory to stay below")
	set.StringVar(&c.Erase, "erase", "", "file that says what to erase; nothing is served")
	if err := set.Parse(args); err != nil {
		return c, core.Errorf(core.CodeInvalid, "logstore: %v", err)
	}
	if c.Dir == "" || (c.Socket == "") == (c.Listen == "") {
		return c, core.Errorf(core.CodeInvalid, "logstore: --dir and one of --socket and --listen must be set")
	}
	if c.Listen != "" && !loopback(c.Listen) {
		return c, core.Errorf(core.CodeInvalid, "logstore: --listen must be a loopback address such as 127.0.0.1:9428: the engine asks nobody who they are")
	}
	return c, nil
}

func loopback(address string) bool {
	at, err := netip.ParseAddrPort(address)
	return err == nil && at.Addr().IsLoopback()
}
