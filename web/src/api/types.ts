// The payloads the console reads, by the names pages use. All of them are the
// server's, generated from its OpenAPI document.

import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Severity = "clear" | "info" | "warning" | "minor" | "major" | "critical";
export type Ref = Schemas["Ref"];
export type Actor = Schemas["LedgerActor"];

export interface Page<T> {
  items: T[];
  next?: string | number;
  total?: Schemas["Total"];
}

export type Me = Schemas["IdentityMe"];
export type Entrance = Schemas["IdentityEntrance"];
export type LedgerEntry = Omit<Schemas["LedgerEntry"], "data"> & { data?: Record<string, unknown> };
export type LedgerState = Schemas["VerifyLedgerResponse"];

export type Alert = Schemas["EventsAlertView"];
export type AlertDetail = Schemas["EventsAlertDetail"];
export type Situation = Schemas["EventsSituationView"];
export type AlertGroups = Schemas["EventsAlertGroups"];
export type AlertGroup = Schemas["EventsAlertGroup"];
export type BulkRun = Schemas["EventsBulkRun"];
export type ServiceHealth = Schemas["HealthView"];
export type ServiceHealthPage = Schemas["HealthPage"];
export type ServiceTree = Schemas["HealthTree"];
export type ServiceBranch = Schemas["HealthBranchView"];
export type ServiceLeaf = Schemas["HealthLeaf"];
export type ServicePicture = Schemas["HealthPicture"];
export type ServicePast = Schemas["HealthPast"];
export type SituationDetail = Schemas["EventsSituationDetail"];
export type Learned = Schemas["EventsLearned"];
export type LearnedPair = Schemas["EventsLearnedPair"];
export type Routing = Schemas["EventsRoutingView"];
export type RouteNode = Schemas["RoutingRouteView"];
export type RoutingTest = Schemas["EventsRoutingTest"];
export type RoutingGroup = Schemas["EventsGroupView"];
export type EventReport = Schemas["EventsReport"];
export type ReportedTimes = Schemas["ReportsTimes"];
export type ReportedGroup = Schemas["ReportsGroup"];
export type Noise = Schemas["EventsNoise"];
export type Member = Schemas["EventsMember"];
export type Candidate = Schemas["CorrelationCandidate"];
export type ScrapeTarget = Schemas["ScrapingTarget"];
export type Receiver = Schemas["ReceiversState"];
export type MIBFile = Schemas["TrapsMIBFile"];
export type MIBProblem = Schemas["MibProblem"];
export type MIBAdded = Schemas["TrapsAdded"];
export type Health = Schemas["EventsHealth"];
export type AlertOutcome = Schemas["EventsOutcome"];
export type Silence = Schemas["EventsSilenceView"];
export type SilenceDraft = Schemas["EventsSilenceDraft"];
export type SilencePreview = Schemas["EventsSilencePreview"];
export type Matcher = Schemas["EventsMatcher"];

export type Change = Schemas["ChangesChange"];
export type ChangeDraft = Schemas["ChangesDraft"];
export type Incident = Schemas["DeskIncident"];
export type IncidentMove = Schemas["DeskMove"];
export type IncidentDraft = Schemas["DeskDraft"];
export type Clock = Schemas["DeskClock"];
export type Comment = Schemas["DeskComment"];
export type Attachment = Schemas["DeskAttachment"];
export type Note = Schemas["DeskNote"];

export type Runbook = Schemas["JobsRunbookView"];
export type RunbookStep = Schemas["JobsStep"];
export type Run = Schemas["JobsRun"];
export type RunDetail = Schemas["JobsRunView"];
export type Step = Schemas["JobsStepRun"];
export type Decision = Schemas["JobsDecision"];
export type Remediation = Schemas["JobsRemediationView"];
export type KillSwitch = Schemas["JobsKillSwitch"];

export type Target = Schemas["MonitorTarget"];
export type Check = Schemas["MonitorCheckView"];
export type CheckResult = Schemas["MonitorResult"];
export type Reasons = Schemas["ExplainCheckResponse"];
export type Fact = Schemas["MonitorFact"];
export type Pings = Schemas["ListPingsResponse"];
export type Ping = Schemas["MonitorPing"];
export type HeartbeatAddress = Schemas["MonitorAddress"];
export type CheckCoverage = Schemas["MonitorCoverage"];
export type CheckOverride = Schemas["MonitorOverride"];
export type Maintenance = Schemas["MonitorWindow"];
export type MaintenanceDraft = Schemas["MonitorWindowDocument"];

export type Agent = Schemas["AgentsAgent"];
export type Enrolment = Schemas["AgentsCreatedEnrolment"];
export type EnrolmentDraft = Schemas["AgentsNewEnrolment"];

export type User = Schemas["IdentityUser"];
export type UserDraft = Schemas["IdentityNewUser"];
export type UserChange = Schemas["IdentityUserChange"];
export type Team = Schemas["IdentityTeam"];
export type Role = Schemas["IdentityRole"];
export type Token = Schemas["IdentityToken"];
export type TokenDraft = Schemas["IdentityTokenRequest"];
export type NewToken = Schemas["IdentityCreatedToken"];
export type Session = Schemas["IdentitySession"];

export type Secret = Schemas["SecretsSecret"];
export type Task = Schemas["TasksRecord"];
export type TaskDepth = Schemas["TasksDepth"];
export type MetricRule = Schemas["MonitorRuleView"];
export type RuleSpec = Schemas["MonitorRuleSpec"];
export type RuleSeries = Schemas["MonitorRuleSeries"];
export type RuleWhen = Schemas["Form"];
export type WrittenForm = Schemas["MonitorWrittenForm"];
export type ReadForm = Schemas["MonitorReadForm"];
export type RulePreview = Schemas["MonitorRulePreview"];
export type RuleEpisode = Schemas["MonitorRuleEpisode"];
export type WindowItems = Schemas["MonitorWindowItems"];
export type Covered = Schemas["MonitorCovered"];
export type CheckSpec = Schemas["MonitorCheckSpec"];
export type Grant = Schemas["IdentityGrant"];
export type OpenEnrolment = Schemas["AgentsEnrolment"];
export type Outcome = Schemas["DeclareOutcome"];
export type DocumentKind = Schemas["DeclareKindView"];

export type SearchAnswer = Schemas["SearchResponse"];
export type LogRecord = Record<string, string>;

export type AvailabilityLine = Schemas["AvailabilityLine"];
export type AvailabilityReport = Schemas["AvailabilityReport"];
export type AvailabilityDay = Schemas["FiguresDay"];
export type StatusPage = Schemas["StatuspagePageView"];
export type StatusIncident = Schemas["StatuspageIncident"];
export type StatusDraft = Schemas["StatuspageDraft"];
export type StatusAffected = Schemas["StatuspageAffected"];
export type OccurrenceChange = Schemas["MonitorChangeOccurrence"];
export type Occurrence = Schemas["MonitorOccurrence"];
export type Baseline = Schemas["ForesightBaselineView"];
export type BaselineSeries = Schemas["ForesightBaselineSeries"];
export type BandPoint = Schemas["ForesightBandPoint"];
export type Thing = Schemas["ForesightThing"];
export type ThingDetail = Schemas["ForesightThingView"];
export type CapacityPool = Schemas["ForesightPoolView"];
export type CapacityAnswer = Schemas["ForesightAnswer"];
export type CapacityRest = Schemas["ForesightRest"];
export type CapacityReport = Schemas["ForesightReport"];
export type EventSource = Schemas["HooksSourceView"];
export type EventSourceSpec = Schemas["HooksSourceSpec"];
export type EventMapping = Schemas["HooksMapping"];
export type SourcePayload = Schemas["HooksPayload"];
export type SourceTrialResult = Schemas["HooksTrialResult"];
export type SourceTrialEvent = Schemas["HooksTrialEvent"];
export type LogPatterns = Schemas["MiningComparison"];
export type LogPattern = Schemas["MiningTrend"];
export type LogPatternDetail = Schemas["MiningDetail"];
export type SavedSearch = Schemas["SearchesSearch"];
export type SavedSearchDraft = Schemas["SearchesDocument"];
export type LogRuleStatus = Schemas["LogrulesStatus"];
export type LogRuleSpec = Schemas["LogrulesSpec"];
export type LogRulePreview = Schemas["LogrulesPreview"];
export type LogRuleFiring = Schemas["LogrulesFiring"];

export type Rota = components["schemas"]["OncallRotaView"];
export type RotaSchedule = components["schemas"]["OncallSchedule"];
export type Shift = components["schemas"]["RosterShift"];
export type OnCallPage = components["schemas"]["OncallPage"];
export type OnCallPageDetail = components["schemas"]["OncallPageDetail"];
export type Delivery = components["schemas"]["OncallDeliveryView"];
export type EscalationPolicy = components["schemas"]["OncallPolicyView"];
export type NotificationChannel = components["schemas"]["OncallChannelView"];
export type MyNotifications = components["schemas"]["OncallMine"];
export type OnCallPreferences = components["schemas"]["OncallPreferences"];
export type OnCallReport = components["schemas"]["OncallReport"];

export type EventRules = Schemas["PipelineOverview"];
export type EventRulesDocument = Schemas["PipelineDocumentView"];
export type EventRulesSpec = Schemas["RulebookSpec"];
export type EventRuleSpec = Schemas["RulebookRuleSpec"];
export type EventRuleState = Schemas["PipelineRuleView"];
export type EventRulePreview = Schemas["PipelinePreview"];
export type EventRuleSteps = Schemas["PipelineStepped"];
export type EventRuleReplay = Schemas["PipelineReplay"];
export type EventRuleDifference = Schemas["PipelineDifference"];
export type EventRuleExample = Schemas["PipelineExample"];
export type DocumentVersion = Schemas["DeclareVersion"];
export type ProcessingRule = Schemas["ProcessingView"];
export type ProcessingDraft = Schemas["ProcessingDraft"];
export type ProcessingPreview = Schemas["ProcessingPreview"];
export type ProcessingTried = Schemas["ProcessingTried"];
export type ReportMail = Schemas["ReportmailView"];
export type LogSource = Schemas["SourcesState"];
export type LogSourceStatus = Schemas["ProtocolLogSourceStatus"];
export type LogDataset = Schemas["DatasetsView"];
export type LogDeletion = Schemas["DatasetsDeletion"];
