package auth

// The roles every installation has.
const (
	Administrator = "administrator"
	Manager       = "manager"
	Operator      = "operator"
	Requester     = "requester"
	Auditor       = "auditor"
)

// Role is a named set of permissions.
type Role struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Permissions Set    `json:"permissions"`
	Builtin     bool   `json:"builtin"` // may not be changed or deleted
}

// Roles maps a role's name to the role.
type Roles map[string]Role

// BuiltinRoles returns the roles that every installation has. Others are data,
// made by an administrator.
func BuiltinRoles() Roles {
	return Roles{
		Administrator: {Administrator, "Everything, including users, roles, secrets and the installation itself",
			NewSet("*:*"), true},
		Manager: {Manager, "Sees, changes and runs everything, but decides on no access and touches no secret",
			NewSet("*:read", "*:write", "*:act", "*:approve"), true},
		Operator: {Operator, "Sees everything, works on alerts, incidents and runs, keeps items and checks",
			NewSet("*:read", "*:act", "alerts:write", "events:write", "incidents:write", "requests:write", "problems:write",
				"changes:write", "items:write", "checks:write", "check-results:write", "maintenance:write", "dashboards:write", "log-searches:write", "knowledge:write"), true},
		Requester: {Requester, "Asks for help and follows the answers",
			NewSet("requests:read", "requests:write", "knowledge:read", "status:read"), true},
		Auditor: {Auditor, "Sees everything and changes nothing", NewSet("*:read"), true},
	}
}
