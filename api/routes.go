package api

// routes names every resource once. A resource file registers its own operations.
func (s *server) routes() {
	s.registerHealth()
	s.registerDocs()
}
