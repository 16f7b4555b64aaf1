"""Operations: plan, load, call stages, save. No Prefect, no printing."""
