//go:build unix

package command

func defaultData() string { return "/var/lib/mainstay-agent" }
