package facts

import (
	"io/fs"
	"syscall"
)

// owner is the name of a file's owner; that of /proc/<pid> is the process's user.
func owner(info fs.FileInfo, names map[uint32]string) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return lookup(stat.Uid, names)
	}
	return ""
}
