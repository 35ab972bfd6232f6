package api

// routes names every resource once. A resource file registers its own operations.
func (s *server) routes() {
	s.registerHealth()
	s.registerDocs()
	s.registerSessions()
	s.registerAuthorizations()
	s.registerMe()
	s.registerConsents()
	s.registerBindings()
	s.registerPhone()
	s.registerCards()
	s.registerLossReports()
	s.registerArrivals()
	s.registerProgrammes()
	s.registerOutlets()
	s.registerPolicies()
	s.registerNotices()
	s.registerSMSCallbacks()
	s.registerAgentSessions()
	s.registerAgentCalls()
	s.registerAgentVerification()
	s.registerAgentPerson()
	s.registerAgentLossReports()
	s.registerAgentRefusals()
	s.registerEnquiries()
	s.registerAgentEnquiries()
}
