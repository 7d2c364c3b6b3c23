// What people paste where their jobs run.

/** Pings the address: quietly, again when the network fails, without holding up the job for long. */
export const curlLine = (url: string, after = "") => `curl -fsS -m 10 --retry 5 -o /dev/null ${url}${after}`;

/** A crontab line that tells when the job begins and how it ends. */
export const crontabLine = (url: string, cron = "0 2 * * *") => `${cron} ${curlLine(url, "/start")}; /path/to/job; ${curlLine(url, "/$?")}`;
