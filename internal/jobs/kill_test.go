package jobs_test

const childVariable = "MAINSTAY_JOBS_CHILD"

func child() {}
