// Package browse runs browser probes in a headless Chromium of the host.
//
// Each run has a browser of its own with an empty profile, which ends, with
// everything it started, when the run does; a Driver runs a few at once and refuses
// what has waited until its timeout. The browser is driven over a pipe (no port is
// opened) and reaches the network through a proxy of this process alone, which asks
// the runner's guard for every address after the name is resolved: redirections,
// scripts and subresources cannot go around it. It is found in the PATH as
// chromium-headless-shell, which takes half the CPU, or as chromium,
// chromium-browser, google-chrome or chrome.
//
// Elements of frames inside a page are not looked for. A process that is root has to
// switch Chromium's sandbox off.
package browse
