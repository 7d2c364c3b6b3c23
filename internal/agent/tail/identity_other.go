//go:build !unix

package tail

import "io/fs"

// identityOf is not told by this system: files are known by how they begin.
func identityOf(fs.FileInfo) (device, inode uint64) { return 0, 0 }
