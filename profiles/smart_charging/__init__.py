"""Functional block K, Smart charging (1.6: SetChargingProfile, ClearChargingProfile, GetCompositeSchedule)."""
