// Package web is the console: a single-page application built by npm into
// dist/, embedded, and served by Handler.
//
// Files under /assets carry a hash of their content in their name and are
// cached for ever; the page itself is asked for again each time. Any other
// address without a dot answers the page, whose router shows what it means.
// Nothing is fetched from elsewhere: the content security policy allows
// scripts, styles and connections of this origin alone.
package web
