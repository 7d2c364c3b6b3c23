package changes

// Configuration of changes.
type Configuration struct {
	// SelfApproval lets who asked for an approval decide on it as well: for
	// installations of one person.
	SelfApproval bool `yaml:"selfApproval" json:"selfApproval"`
}

// Defaults need a second person.
func Defaults() Configuration { return Configuration{} }

// Validate has nothing to refuse.
func (c Configuration) Validate() error { return nil }
