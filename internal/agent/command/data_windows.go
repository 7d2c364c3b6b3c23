package command

import (
	"os"
	"path/filepath"
)

func defaultData() string { return filepath.Join(os.Getenv("ProgramData"), "Mainstay", "agent") }
