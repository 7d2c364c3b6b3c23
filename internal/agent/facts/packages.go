package facts

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Package is one installed package.
type Package struct {
	Name, Version, Architecture, Source, Manager string
	Size                                         int64
}

// packageCache keeps the list while the databases have not changed.
type packageCache struct {
	stamp string
	list  []Package
	ok    bool
}

const (
	dpkgStatus = "var/lib/dpkg/status"
	maxList    = 256 << 20
)

// rpmDatabases are where the database of rpm may be.
var rpmDatabases = []string{"var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/Packages", "var/lib/rpm/Packages.db"}

// software adds packages and accounts.
func (c *Collector) software(ctx context.Context, r *Report) {
	c.refreshPackages(ctx)
	seen := map[string]bool{}
	for _, p := range c.packages.list {
		name := p.Name
		if seen[name] { // several architectures, or several kernels kept side by side
			name += ":" + p.Architecture
		}
		if seen[name] {
			name += "=" + p.Version
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		attributes := map[string]any{"version": p.Version, "architecture": p.Architecture, "manager": p.Manager, "source": p.Source}
		if p.Size > 0 {
			attributes["sizeBytes"] = p.Size
		}
		r.part("package", name, "installed_on", attributes)
	}
	if c.packages.ok {
		r.complete("package")
	}
	c.accounts(r)
}

// refreshPackages reads the databases again when one of them changed.
func (c *Collector) refreshPackages(ctx context.Context) {
	stamp := ""
	for _, path := range append([]string{dpkgStatus}, rpmDatabases...) {
		if info, err := os.Stat(filepath.Join(c.root, path)); err == nil {
			stamp += path + info.ModTime().Format(time.RFC3339Nano) + strconv.FormatInt(info.Size(), 10)
		}
	}
	if stamp == c.packages.stamp {
		return
	}
	fresh := packageCache{stamp: stamp, ok: true}
	if file, err := os.Open(filepath.Join(c.root, dpkgStatus)); err == nil {
		list, err := ParseDpkg(io.LimitReader(file, maxList))
		file.Close()
		fresh.list, fresh.ok = append(fresh.list, list...), fresh.ok && err == nil
	}
	if strings.Contains(stamp, "rpm") {
		list, err := queryRPM(ctx)
		fresh.list, fresh.ok = append(fresh.list, list...), fresh.ok && err == nil
		if err != nil {
			c.log.Debug("list of rpm packages", "error", err)
			fresh.stamp = "" // try again next time
		}
	}
	c.packages = fresh
}

// ParseDpkg reads the status file of dpkg: paragraphs of "Field: value" lines,
// continued by lines that begin with a space (deb822(5), dpkg-query(1)). Only
// packages that are installed count.
func ParseDpkg(in io.Reader) ([]Package, error) {
	var out []Package
	var p Package
	installed := false
	flush := func() {
		if installed && p.Name != "" {
			out = append(out, p)
		}
		p, installed = Package{Manager: "dpkg"}, false
	}
	flush()
	lines := bufio.NewReader(in)
	for {
		line, err := readLine(lines)
		if line == "" {
			flush()
		} else if name, value, ok := strings.Cut(line, ":"); ok && line[0] != ' ' && line[0] != '\t' {
			value = strings.TrimSpace(value)
			switch strings.ToLower(name) {
			case "package":
				p.Name = value
			case "version":
				p.Version = value
			case "architecture":
				p.Architecture = value
			case "source":
				p.Source, _, _ = strings.Cut(value, " ")
			case "status": // want, flag, status
				words := strings.Fields(value)
				installed = len(words) == 3 && words[2] == "installed"
			case "installed-size": // KiB
				if n, err := strconv.ParseInt(value, 10, 40); err == nil && n > 0 {
					p.Size = n << 10
				}
			}
		}
		if err == io.EOF {
			flush()
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// readLine reads a line of any length, keeping its first 4 KiB.
func readLine(in *bufio.Reader) (string, error) {
	var kept []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(kept) < 4096 {
			kept = append(kept, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		return strings.ToValidUTF8(strings.TrimRight(string(kept), "\r\n"), "?"), err
	}
}

// rpmFormat is what ParseRPM reads: fields separated by tabs, one package a line.
const rpmFormat = `%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SIZE}\t%{SOURCERPM}\n`

func queryRPM(ctx context.Context) ([]Package, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "rpm", "-qa", "--queryformat", rpmFormat)
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	return ParseRPM(bytes.NewReader(out))
}

// ParseRPM reads the output of rpm -qa with rpmFormat. Keys that sign packages
// are listed like packages, and left out.
func ParseRPM(in io.Reader) ([]Package, error) {
	var out []Package
	lines := bufio.NewReader(in)
	for {
		line, err := readLine(lines)
		if f := strings.Split(line, "\t"); len(f) == 5 && f[0] != "" && f[0] != "gpg-pubkey" {
			p := Package{Name: f[0], Version: f[1], Architecture: f[2], Manager: "rpm"}
			if n, err := strconv.ParseInt(f[3], 10, 64); err == nil && n > 0 {
				p.Size = n
			}
			if f[4] != "(none)" {
				p.Source = sourceName(f[4])
			}
			out = append(out, p)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// sourceName takes the name from NAME-VERSION-RELEASE.src.rpm.
func sourceName(file string) string {
	name := strings.TrimSuffix(file, ".src.rpm")
	for range 2 {
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
	}
	return name
}
