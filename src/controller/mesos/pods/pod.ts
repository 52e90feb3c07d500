import type {KubeObject} from '../../../kube/types.ts';

// The parts of a Kubernetes pod that this folder writes and reads.

export type EnvVar =
  | {readonly name: string; readonly value: string}
  | {readonly name: string; readonly valueFrom: {readonly secretKeyRef: {readonly name: string; readonly key: string}}}
  | {readonly name: string; readonly valueFrom: {readonly fieldRef: {readonly fieldPath: string}}};

export type ContainerPort = {
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
};

/** Whole seconds. */
export type Probe = {
  readonly exec?: {readonly command: readonly string[]};
  readonly httpGet?: {readonly path: string; readonly port: number; readonly scheme: 'HTTP' | 'HTTPS'};
  readonly tcpSocket?: {readonly port: number};
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
};

export type VolumeMount = {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
  readonly mountPropagation?: 'HostToContainer' | 'Bidirectional';
};

export type PodVolume = {readonly name: string} & (
  | {readonly emptyDir: {readonly medium?: 'Memory'; readonly sizeLimit?: string}}
  | {readonly hostPath: {readonly path: string; readonly type?: 'File'}}
  | {readonly persistentVolumeClaim: {readonly claimName: string; readonly readOnly?: boolean}}
  | {
      readonly secret: {
        readonly secretName: string;
        readonly items?: readonly {readonly key: string; readonly path: string}[];
      };
    }
);

/** Amounts in Kubernetes's text form: `100m`, `64Mi`. */
export type ResourceList = Readonly<Record<string, string>>;

export type Container = {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent';
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly EnvVar[];
  readonly ports?: readonly ContainerPort[];
  readonly resources: {readonly requests: ResourceList; readonly limits: ResourceList};
  readonly volumeMounts: readonly VolumeMount[];
  readonly lifecycle?: {readonly preStop: {readonly exec: {readonly command: readonly string[]}}};
  readonly tty?: true;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext?: SecurityContext;
  readonly terminationMessagePolicy?: 'FallbackToLogsOnError';
};

export type SeccompProfile =
  {readonly type: 'RuntimeDefault' | 'Unconfined'} | {readonly type: 'Localhost'; readonly localhostProfile: string};

/** Of a container. */
export type SecurityContext = {
  readonly privileged?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: true;
  readonly allowPrivilegeEscalation?: false;
  readonly readOnlyRootFilesystem?: true;
  readonly capabilities?: {readonly add?: readonly string[]; readonly drop?: readonly string[]};
  readonly seccompProfile?: SeccompProfile;
};

/** Of all containers of a pod. */
export type PodSecurityContext = {
  readonly supplementalGroups?: readonly number[];
  readonly sysctls?: readonly {readonly name: string; readonly value: string}[];
};

export type DnsConfig = {
  readonly nameservers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly {readonly name: string; readonly value?: string}[];
};

export type Toleration = {readonly key: string; readonly operator: 'Exists'; readonly effect: 'NoExecute'};

export type PodSpec = {
  readonly nodeName: string;
  readonly restartPolicy: 'Never';
  readonly terminationGracePeriodSeconds: number;
  readonly activeDeadlineSeconds?: number;
  readonly automountServiceAccountToken: false;
  readonly enableServiceLinks: false;
  readonly hostNetwork?: true;
  readonly dnsPolicy?: string;
  readonly hostname?: string;
  readonly hostAliases?: readonly {readonly ip: string; readonly hostnames: readonly string[]}[];
  readonly dnsConfig?: DnsConfig;
  readonly securityContext?: PodSecurityContext;
  readonly imagePullSecrets?: readonly {readonly name: string}[];
  readonly tolerations: readonly Toleration[];
  readonly volumes: readonly PodVolume[];
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
};

export type ContainerStateTerminated = {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
};

export type KubeContainerStatus = {
  readonly name: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly containerID?: string;
  readonly state?: {
    readonly waiting?: {readonly reason?: string; readonly message?: string};
    readonly running?: {readonly startedAt?: string};
    readonly terminated?: ContainerStateTerminated;
  };
};

export type PodStatus = {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly {readonly ip: string}[];
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lastTransitionTime?: string;
  }[];
  readonly initContainerStatuses?: readonly KubeContainerStatus[];
  readonly containerStatuses?: readonly KubeContainerStatus[];
};

export type Pod = KubeObject<PodSpec, PodStatus>;

/** What is read of a pod that the API server sent; it has checked the types, so nothing is checked again here. */
export type SeenPod = Pick<Pod, 'metadata' | 'status'> & {readonly spec?: Partial<PodSpec>};

/** Decodes a pod as the API server sent it. */
export const toSeenPod = (object: KubeObject): SeenPod => object as SeenPod;
