// Package settings fills a configuration struct from one YAML file and the
// environment.
//
// The struct holds the defaults when it comes in. The file wins over them, the
// environment (MAINSTAY_ and the path of the yaml keys in capitals, joined by
// "_": database.dsn is MAINSTAY_DATABASE_DSN) over the file. A key the struct
// does not have is an error with its line; so is an unknown MAINSTAY_ variable,
// unless it is one of those that are not configuration.
package settings
