// Package docs holds what is written for people; its test keeps it true: the
// documents of the guide and the examples are valid, and links lead somewhere.
package docs
