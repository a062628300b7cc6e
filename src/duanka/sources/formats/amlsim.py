"""IBM AMLSim: the log of the simulator, its converted output, and the older sample with nodes and edges."""

from duanka.records.vocabulary import RecordKind
from duanka.sources.spec import TableFormat

EPOCH = "2017-01-01"
"""Day of step 0: the base date of the simulator's own configurations. Files that hold steps name no date."""

_STEPS = (
    "One step is one day; step 0 is 2017-01-01 UTC, the base date of the simulator's own configurations, as the file "
    "names no date. "
)
_REPEATS = "Rows that repeat exactly within one file are separate payments."

FORMATS = (
    TableFormat(
        name="amlsim_sample_transactions",
        title_en="AMLSim sample: edges",
        title_zh="AMLSim 样例：交易",
        required=("sourceNodeId", "targetNodeId", "value", "time"),
        columns={"payer": "sourceNodeId", "payee": "targetNodeId", "amount": "value", "time": "time"},
        book="full",
        ids="printed",
        zone="UTC",
        epoch=EPOCH,
        step="day",
        currency="USD",
        status={"*": "success"},
        documentation=_STEPS + _REPEATS,
    ),
    TableFormat(
        name="amlsim_sample_nodes",
        title_en="AMLSim sample: nodes",
        title_zh="AMLSim 样例：账户",
        record=RecordKind.ACCOUNT,
        required=("nodeid", "isFraud"),
        columns={"account_id": "nodeid"},
        ignored=("init_balance",),
        labels={"is_fraud": "isFraud", "fraud_step": "fraudStep"},
        label_subject="account",
        ids="printed",
        zone="UTC",
        documentation="isFraud and fraudStep are labels. init_balance is the simulator's own setting, no evidence, and "
        "is left in the original.",
    ),
    TableFormat(
        name="amlsim_log",
        title_en="AMLSim simulator log (tx_log.csv)",
        title_zh="AMLSim 模拟器日志 (tx_log.csv)",
        required=("step", "type", "amount", "nameOrig", "nameDest", "isSAR"),
        columns={
            "time": "step",
            "kind": "type",
            "amount": "amount",
            "payer": "nameOrig",
            "payee": "nameDest",
            "balance_payer": "newbalanceOrig",
            "balance_payee": "newbalanceDest",
        },
        ignored=("oldbalanceOrig", "oldbalanceDest"),
        labels={"is_sar": "isSAR", "alert_id": "alertID"},
        book="full",
        ids="printed",
        zone="UTC",
        epoch=EPOCH,
        step="day",
        currency="USD",
        status={"*": "success"},
        documentation=_STEPS
        + "nameOrig pays in every row, as the printed balances say. isSAR and alertID are labels. "
        + _REPEATS,
    ),
    TableFormat(
        name="amlsim_transactions",
        title_en="AMLSim output (transactions.csv)",
        title_zh="AMLSim 输出 (transactions.csv)",
        required=("tran_id", "orig_acct", "bene_acct", "tx_type", "base_amt", "tran_timestamp"),
        columns={
            "serial": "tran_id",
            "payer": "orig_acct",
            "payee": "bene_acct",
            "kind": "tx_type",
            "amount": "base_amt",
            "time": "tran_timestamp",
        },
        labels={"is_sar": "is_sar", "alert_id": "alert_id"},
        book="full",
        ids="printed",
        zone="UTC",
        currency="USD",
        status={"*": "success"},
        documentation="The simulator works in days: a time of 00:00:00 says the day only. is_sar and alert_id are "
        "labels.",
    ),
    TableFormat(
        name="amlsim_accounts",
        title_en="AMLSim output (accounts.csv)",
        title_zh="AMLSim 输出 (accounts.csv)",
        record=RecordKind.ACCOUNT,
        required=("acct_id", "dsply_nm", "prior_sar_count", "bank_id"),
        columns={
            "account_id": "acct_id",
            "holder_name": "dsply_nm",
            "institution": "bank_id",
            "outlet_id": "branch_id",
            "opened_on": "open_dt",
            "closed_on": "close_dt",
            "state": "acct_stat",
        },
        labels={"prior_sar_count": "prior_sar_count"},
        label_subject="account",
        ids="printed",
        zone="UTC",
        documentation="prior_sar_count is a label: the simulator sets it from the truth. Balances, addresses and the "
        "other invented particulars of holders are left in the original.",
    ),
)
