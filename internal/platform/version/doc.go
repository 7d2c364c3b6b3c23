// Package version knows which Mainstay this is and how two versions compare.
//
// The version is set at link time
// (-ldflags "-X mainstay/internal/platform/version.Version=1.2.3"); a binary built without
// it describes itself from the build information of the Go toolchain.
package version
