package probe

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Service asks the host's service manager for a service.
type Service struct {
	Name  string `json:"name" doc:"the unit or service, such as nginx or postgresql@15-main"`
	State string `json:"state,omitempty" doc:"running or stopped; running when left out"`
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9@._:\\-]{1,200}$`)

func (s *Service) validate(f *fields) {
	f.check(serviceName.MatchString(s.Name) && !strings.HasPrefix(s.Name, "-"), "name", "must be the name of a service")
	f.check(s.State == "" || s.State == "running" || s.State == "stopped", "state", "must be running or stopped")
}

func (spec *Service) probe(ctx context.Context, _ Runner, res *Result) {
	running, how, err := serviceRunning(ctx, spec.Name)
	if err != nil {
		res.Set(Unknown, "%s: %s", spec.Name, Why(err))
		return
	}
	up := 0.0
	if running {
		up = 1
	}
	res.Measure("running", "", up)
	res.Set(OK, "%s: %s", spec.Name, how)
	if wanted := spec.State != "stopped"; running != wanted {
		res.State = Critical
	}
}

// serviceRunning asks systemd where it runs, else the service's init script.
func serviceRunning(ctx context.Context, name string) (running bool, how string, err error) {
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		out, err := exec.CommandContext(ctx, "systemctl", "is-active", "--", name).Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return false, "", err
		}
		how = strings.TrimSpace(string(out))
		return how == "active" || how == "reloading", how, nil
	}
	script := filepath.Join("/etc/init.d", name)
	if _, err := os.Stat(script); err != nil {
		return false, "", errors.New("this host has no service of that name")
	}
	err = exec.CommandContext(ctx, script, "status").Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, "running", nil
	case errors.As(err, &exit) && exit.ExitCode() == 4: // LSB 5.0, 20.2: the status is unknown
		return false, "", errors.New("its init script does not know")
	case errors.As(err, &exit):
		return false, "not running", nil
	default:
		return false, "", err
	}
}
