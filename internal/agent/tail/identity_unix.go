//go:build unix

package tail

import (
	"io/fs"
	"syscall"
)

// identityOf is what stays when a file is renamed.
func identityOf(info fs.FileInfo) (device, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), s.Ino
	}
	return 0, 0
}
