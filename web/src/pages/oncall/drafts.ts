/** What new documents begin with. */
export const drafts = {
  Rota: `kind: Rota
name: first-line
spec:
  title: First line
  timeZone: Europe/Berlin
  layers:
    - name: Weekly
      people: [admin]
      start: "${new Date().toISOString().slice(0, 10)}T09:00"
      every: 1w
`,
  EscalationPolicy: `kind: EscalationPolicy
name: standard
spec:
  match:
    severity: major
  steps:
    - notify: [{rota: first-line}]
      wait: 5m
    - notify: [{person: admin}]
      wait: 10m
  repeat: 1
`,
  Channel: `kind: Channel
name: ops-chat
spec:
  type: mattermost
  url: https://chat.example.org/hooks/xyz
`,
} as const;
