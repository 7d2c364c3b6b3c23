package classes

// Propagation says how a failure travels along a relation.
type Propagation string

// The directions. A relation of the graph points from source to target:
// "web depends_on database" has source web and target database.
const (
	TargetToSource Propagation = "target-to-source" // the source needs the target
	SourceToTarget Propagation = "source-to-target" // the target needs the source
	BothWays       Propagation = "both"
	NoPropagation  Propagation = "none"
)

// RelationType describes one kind of directed relation.
type RelationType struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`   // read from source to target: "depends on"
	Inverse     string      `json:"inverse,omitempty"` // read from target to source: "is needed by"
	Description string      `json:"description,omitempty"`
	Propagation Propagation `json:"propagation" enum:"target-to-source,source-to-target,both,none"`
	BuiltIn     bool        `json:"builtIn,omitempty"`
}

// SourceNeedsTarget says that a failure of the target reaches the source.
func (t RelationType) SourceNeedsTarget() bool {
	return t.Propagation == TargetToSource || t.Propagation == BothWays
}

// TargetNeedsSource says that a failure of the source reaches the target.
func (t RelationType) TargetNeedsSource() bool {
	return t.Propagation == SourceToTarget || t.Propagation == BothWays
}
