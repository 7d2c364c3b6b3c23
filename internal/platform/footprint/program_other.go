//go:build !linux

package footprint

func unmapProgram() error { return nil }

func loosenProgram() error { return nil }
