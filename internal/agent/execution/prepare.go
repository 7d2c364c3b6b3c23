package execution

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// prepare builds the program of a command: its own process group, an
// environment with nothing of the agent's own in it, and its output numbered.
func prepare(c protocol.Command, out *output) (*exec.Cmd, error) {
	argv := c.Argv
	if c.Script != "" {
		argv = append(slices.Clone(ShellOf(c)), c.Script)
	}
	path, err := Executable(argv[0])
	if err != nil {
		return nil, err
	}
	program := &exec.Cmd{
		Path: path, Args: argv, Dir: c.Directory, WaitDelay: lingering,
		Stdout: stream{out, protocol.Stdout}, Stderr: stream{out, protocol.Stderr},
	}
	if len(c.Input) > 0 {
		program.Stdin = bytes.NewReader(c.Input)
	}
	home, environment, err := become(program, c.User)
	if err != nil {
		return nil, err
	}
	if program.Dir == "" {
		program.Dir = home
	}
	program.Env = environment
	for _, name := range slices.Sorted(keys(c.Environment)) {
		program.Env = append(program.Env, name+"="+c.Environment[name])
	}
	return program, nil
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Executable resolves a program's name the way it will be run: an absolute
// path, else the first match in the fixed search path. The agent's own
// working directory and environment have no part in it.
func Executable(name string) (string, error) {
	if filepath.IsAbs(name) {
		return filepath.Clean(name), nil
	}
	if filepath.Base(name) != name {
		return "", core.Invalid("argv[0]", "must be an absolute path or a plain name")
	}
	for _, dir := range searchPath() {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", core.Errorf(core.CodeNotFound, "no program %q in %v", name, searchPath())
}
