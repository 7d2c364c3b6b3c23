package graph

// VersionsQuery is for the test of its plan.
const VersionsQuery = versionsQuery
