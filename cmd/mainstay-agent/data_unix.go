//go:build unix

package main

func defaultData() string { return "/var/lib/mainstay-agent" }
