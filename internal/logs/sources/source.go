package sources

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// Spec is what a LogSource says.
type Spec struct {
	Selector string            `json:"selector,omitempty" maxLength:"2000" doc:"The hosts whose agents follow it; every agent when absent" example:"class = host and environment = production"`
	Files    *Files            `json:"files,omitempty" doc:"Files to follow; these or the journal"`
	Journal  *Journal          `json:"journal,omitempty" doc:"systemd's journal"`
	FromPast bool              `json:"fromPast,omitempty" doc:"Also what was written before the agent first looked"`
	App      string            `json:"app,omitempty" maxLength:"200" doc:"Program of records that name none"`
	Labels   map[string]string `json:"labels,omitempty" doc:"Fields that every record gets" example:"{\"dataset\": \"shop\"}"`
	Disabled bool              `json:"disabled,omitempty"`
}

// Files are files to follow.
type Files struct {
	Paths     []string   `json:"paths" minItems:"1" maxItems:"50" doc:"Absolute paths; * stands for any part of a name" example:"[\"/var/log/shop/*.log\"]"`
	Exclude   []string   `json:"exclude,omitempty" maxItems:"50" doc:"Paths or names that are not followed; packed files never are"`
	Encoding  string     `json:"encoding,omitempty" enum:"utf-8,latin1,windows-1252,utf-16le,utf-16be" doc:"utf-8 when absent"`
	Multiline *Multiline `json:"multiline,omitempty" doc:"How records of several lines are told"`
	MaxLine   int        `json:"maxLine,omitempty" minimum:"1024" maximum:"262144" doc:"Bytes of a record, 65536 when absent; what is longer is cut and counted"`
}

// Multiline joins lines; one of its fields is set.
type Multiline struct {
	Start    string `json:"start,omitempty" maxLength:"1000" doc:"A line that this regular expression matches begins a record" example:"^\\d{4}-\\d{2}-\\d{2}"`
	Continue string `json:"continue,omitempty" maxLength:"1000" doc:"A line that this regular expression matches goes on with the record"`
	Preset   string `json:"preset,omitempty" enum:"java" doc:"java: stack traces belong to the line before"`
}

// Journal is systemd's journal.
type Journal struct {
	Units     []string `json:"units,omitempty" maxItems:"50" doc:"Only records of these units" example:"[\"ssh.service\"]"`
	Priority  string   `json:"priority,omitempty" enum:"emerg,alert,crit,err,warning,notice,info,debug" doc:"Only records as important as this or more"`
	Directory string   `json:"directory,omitempty" doc:"Where its files are, if they are not the system's"`
}

var (
	labelName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,99}$`)
	unitName  = regexp.MustCompile(`^[A-Za-z0-9:_.@\\*?\[\]-]{1,255}$`)
)

const maxLabels = 20

func (s Spec) validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	fail((s.Files == nil) != (s.Journal == nil), "files", "must be set, or journal, and not both")
	fail(len(s.Labels) <= maxLabels, "labels", fmt.Sprintf("must be at most %d", maxLabels))
	for name, value := range s.Labels {
		fail(labelName.MatchString(name) && len(value) <= 500, "labels."+name, "must be a name of letters, digits, _ and ., and a text of up to 500 characters")
	}
	if f := s.Files; f != nil {
		fail(len(f.Paths) > 0, "files.paths", "must name at least one file")
		for i, p := range f.Paths {
			_, err := path.Match(p, "")
			fail(err == nil && (strings.HasPrefix(p, "/") || len(p) > 2 && p[1] == ':'), fmt.Sprintf("files.paths[%d]", i), "must be an absolute path; * stands for any part of a name")
		}
		for i, p := range f.Exclude {
			_, err := path.Match(p, "")
			fail(err == nil && p != "", fmt.Sprintf("files.exclude[%d]", i), "must be a pattern such as *.old")
		}
		fail(f.MaxLine == 0 || f.MaxLine >= 1024 && f.MaxLine <= 256<<10, "files.maxLine", "must be 1024 to 262144")
		f.Multiline.validate(fail)
	}
	if j := s.Journal; j != nil {
		for i, u := range j.Units {
			fail(unitName.MatchString(u), fmt.Sprintf("journal.units[%d]", i), "must be a unit such as ssh.service")
		}
		fail(j.Directory == "" || strings.HasPrefix(j.Directory, "/"), "journal.directory", "must be an absolute path")
	}
	return core.InvalidAll(bad)
}

func (m *Multiline) validate(fail func(ok bool, field, rule string)) {
	if m == nil {
		return
	}
	set := 0
	for field, text := range map[string]string{"start": m.Start, "continue": m.Continue} {
		if text == "" {
			continue
		}
		set++
		_, err := regexp.Compile(text)
		fail(err == nil, "files.multiline."+field, "must be a regular expression")
	}
	if m.Preset != "" {
		set++
	}
	fail(set == 1, "files.multiline", "must have one of start, continue and preset")
}

// forAgent is the source as agents need it.
func (s Spec) forAgent(name string) protocol.LogSource {
	out := protocol.LogSource{Name: name, App: s.App, Labels: s.Labels, FromPast: s.FromPast}
	if j := s.Journal; j != nil {
		out.Journal = &protocol.LogJournal{Units: j.Units, Priority: j.Priority, Directory: j.Directory}
	}
	if f := s.Files; f != nil {
		out.Files = &protocol.LogFiles{Paths: f.Paths, Exclude: f.Exclude, Encoding: f.Encoding, MaxLine: f.MaxLine}
		if m := f.Multiline; m != nil {
			out.Files.Start, out.Files.Continue = m.Start, m.Continue
			if m.Preset == "java" {
				out.Files.Continue = protocol.JavaContinues
			}
		}
	}
	return out
}
