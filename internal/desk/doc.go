// Package desk is the service desk.
package desk
