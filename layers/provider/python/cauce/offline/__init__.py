"""DIAN's XML without a stack, a network or a provider: what an integrator looks at before anything is sent."""
