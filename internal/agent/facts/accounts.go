package facts

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Account is one line of /etc/passwd.
type Account struct {
	Name, FullName, Home, Shell string
	UID, GID                    int64
}

// accounts adds the local accounts.
func (c *Collector) accounts(r *Report) {
	file, err := os.Open(filepath.Join(c.root, "etc/passwd"))
	if err != nil {
		return
	}
	defer file.Close()
	list, err := ParsePasswd(io.LimitReader(file, 16<<20))
	groups := c.groups()
	seen := map[string]bool{}
	for _, a := range list {
		if seen[a.Name] {
			continue
		}
		seen[a.Name] = true
		attributes := map[string]any{"uid": a.UID, "gid": a.GID, "home": a.Home, "shell": a.Shell, "fullName": a.FullName}
		if member := groups[a.Name]; len(member) > 0 {
			attributes["groups"] = member
		}
		r.part("user_account", a.Name, "part_of", attributes, Identity{"username", a.Name})
	}
	if err == nil {
		r.complete("user_account")
	}
}

// groups lists the groups of each account, beside its own, by /etc/group.
func (c *Collector) groups() map[string][]string {
	out := map[string][]string{}
	file, err := os.Open(filepath.Join(c.root, "etc/group"))
	if err != nil {
		return out
	}
	defer file.Close()
	lines := bufio.NewReader(io.LimitReader(file, 16<<20))
	for {
		line, err := readLine(lines)
		if f := strings.Split(line, ":"); len(f) == 4 && f[0] != "" {
			for member := range strings.SplitSeq(f[3], ",") {
				if member != "" {
					out[member] = append(out[member], f[0])
				}
			}
		}
		if err != nil {
			return out
		}
	}
}

// ParsePasswd reads passwd(5). Lines of NIS ("+...") and unusable ones are skipped.
func ParsePasswd(in io.Reader) ([]Account, error) {
	var out []Account
	lines := bufio.NewReader(in)
	for {
		line, err := readLine(lines)
		f := strings.Split(line, ":")
		if len(f) == 7 && f[0] != "" && !strings.ContainsAny(f[0][:1], "+-#") {
			uid, uidErr := strconv.ParseInt(f[2], 10, 64)
			gid, gidErr := strconv.ParseInt(f[3], 10, 64)
			if uidErr == nil && gidErr == nil {
				full, _, _ := strings.Cut(f[4], ",")
				out = append(out, Account{Name: f[0], UID: uid, GID: gid, FullName: full, Home: f[5], Shell: f[6]})
			}
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}
