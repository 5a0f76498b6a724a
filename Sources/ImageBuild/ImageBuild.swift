// Placeholder until the first declaration of this module lands.
