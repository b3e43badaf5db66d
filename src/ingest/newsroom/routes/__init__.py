"""One module a section: `add_routes` puts its pages into one router and its changes into another."""
